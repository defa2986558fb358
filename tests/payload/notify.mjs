// A Payload with the endpoint of docs/payload/etl-notify.mjs, on a free port of 127.0.0.1.
//
// Its argument is {"url": "postgresql://…", "options": {}, "secret": "whsec_…", "refuses": 0}; `refuses` is how many calls of
// a hook throw. The first line of stdout is {"port": 1}, each further one a call of a hook or of `onMany`. It ends with its stdin.
import { createServer } from 'node:http'
import { Readable } from 'node:stream'

import { getPayload, handleEndpoints } from 'payload'

import { etlNotify } from '../../docs/payload/etl-notify.mjs'
import { configOf } from './config.mjs'

const given = JSON.parse(process.argv[2])
const say = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr)
const tell = (line) => say(`${JSON.stringify(line)}\n`)

let refusals = given.refuses ?? 0
const told = (hook) => ({ collection, doc, id, operation }) => {
  if (refusals-- > 0) throw new Error('the site is away')
  tell({ hook, collection: collection.slug, id: id ?? doc.id, title: doc?.title ?? null, operation: operation ?? null })
}

const config = await configOf(given.url, given.options)
for (const collection of config.collections.filter(({ slug }) => ['shops', 'dinings'].includes(slug))) {
  for (const name of ['afterChange', 'beforeDelete', 'afterDelete']) collection.hooks[name].push(told(name))
}
config.endpoints.push(etlNotify({ secret: given.secret, onMany: (data) => tell({ many: data.written.total }) }))
await getPayload({ config })

const answer = async (request, response) => {
  const init = { method: request.method, headers: request.headers, body: Readable.toWeb(request), duplex: 'half' }
  const done = await handleEndpoints({ config, request: new Request(`http://127.0.0.1${request.url}`, init) })
  response.writeHead(done.status, Object.fromEntries(done.headers)).end(await done.text())
}

const server = createServer((request, response) => void answer(request, response))
server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }))
process.stdin.on('end', () => process.exit(0)).resume()
