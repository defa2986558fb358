// Payload's Local API over a pipe, so that a test in Python starts Node once and opens Payload once per database.
//
// A line of stdin is a command, a line of stdout its answer, in the same order:
//   {"cms": "a", "call": "open", "args": {"url": "postgresql://…", "options": {}, "push": true}}   -> {"result": null}
//   {"cms": "a", "call": "find", "args": {"collection": "shops", "locale": "th"}}                  -> {"result": {"docs": […]}}
//   {"cms": "a", "call": "find", "args": {"collection": "nonsense"}}                              -> {"error": {"name", "message", "data"}}
// Further calls: `seed`, `close`, and the methods of the Local API in METHODS. Whatever else prints goes to stderr.
// The process ends with its stdin.
import { createInterface } from 'node:readline'

import { getPayload } from 'payload'

import { configOf } from './config.mjs'
import { seed } from './seed.mjs'

const METHODS = [
  'count', 'create', 'delete', 'duplicate', 'find', 'findByID', 'findVersionByID', 'findVersions', 'restoreVersion', 'update',
]

// Payload skips the push of tables that it pushed before, be it into another database.
process.env.PAYLOAD_FORCE_DRIZZLE_PUSH = 'true'
const answers = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr)

const opened = new Map()

const open = async (cms, { url, options, push }) => {
  const payload = await getPayload({ config: configOf(url, options, push), key: cms })
  opened.set(cms, { payload, options })
}

// Payload keeps its pool open, one client of it for ever: a database in use can be neither copied nor dropped.
const close = async (cms) => {
  const { payload } = opened.get(cms)
  const clients = [...payload.db.pool._clients]
  await payload.destroy()
  await Promise.all(clients.map((client) => client.end()))
  opened.delete(cms)
}

const run = async ({ cms, call, args }) => {
  if (call === 'open') return open(cms, args)
  if (call === 'close') return close(cms)
  const { payload, options } = opened.get(cms)
  if (call === 'seed') return seed(payload, options)
  if (!METHODS.includes(call)) throw new Error(`no call of the driver: ${call}`)
  return payload[call](args)
}

const answer = async (line) => {
  try {
    return { result: (await run(JSON.parse(line))) ?? null }
  } catch (error) {
    return { error: { name: error.name, message: error.message, data: error.data ?? null, cause: error.cause?.message ?? null } }
  }
}

for await (const line of createInterface({ input: process.stdin })) answers(`${JSON.stringify(await answer(line))}\n`)
process.exit(0)
