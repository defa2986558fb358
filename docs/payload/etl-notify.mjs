// An endpoint of Payload 3 for the notices of iconsiam-etl (docs/notify.md): POST /api/etl-notify.
//
// The job writes with SQL, so none of Payload's hooks runs. This endpoint runs them afterwards, for the documents that a
// notice names: what a site does in afterChange, beforeDelete and afterDelete (build a page again, index a search) is done.
//
//   import { etlNotify } from './etl-notify.mjs'
//   export default buildConfig({ endpoints: [etlNotify({ secret: process.env.ETL_NOTIFY_SECRET })], … })
//
// Options: `onDocument(document, req)` in place of the hooks, e.g. ({ collection, slug }) => revalidatePath(`/${collection}/${slug}`);
// `onMany(data, req)` where more documents were written than the notice names, e.g. () => revalidatePath('/', 'layout').
import { createHmac, timingSafeEqual } from 'node:crypto'

const OLDEST_S = 300
const REMEMBERED = 1000

export const etlNotify = ({ secret, onDocument = runHooks, onMany }) => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const handled = new Map() // a notice that comes again, by its webhook-id, waits for the same work

  const handle = async (data, req) => {
    if (data.truncated && onMany) return onMany(data, req)
    for (const document of data.documents) await onDocument(document, req)
  }

  const once = (id, work) => {
    if (!handled.has(id)) {
      handled.set(id, work())
      handled.get(id).catch(() => handled.delete(id)) // the next try begins again
      if (handled.size > REMEMBERED) handled.delete(handled.keys().next().value)
    }
    return handled.get(id)
  }

  const handler = async (req) => {
    const body = await req.text()
    if (!isSigned(key, req.headers, body)) return new Response(null, { status: 401 })
    try {
      await once(req.headers.get('webhook-id'), () => handle(JSON.parse(body).data, req))
    } catch (error) {
      req.payload.logger.error({ err: error, msg: 'A notice of iconsiam-etl could not be handled' })
      return new Response(null, { status: 500 }) // the job sends it again with its next run
    }
    return new Response(null, { status: 204 })
  }
  return { path: '/etl-notify', method: 'post', handler }
}

// Standard Webhooks 1.0: HMAC-SHA256 over id, time and body as they came.
const isSigned = (key, headers, body) => {
  const [id, sent, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers.get(name) ?? '')
  if (!(Math.abs(Date.now() / 1000 - Number(sent || NaN)) < OLDEST_S)) return false
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${sent}.${body}`).digest('base64')}`)
  return signatures.split(' ').some((each) => each.length === expected.length && timingSafeEqual(Buffer.from(each), expected))
}

// What Payload itself would have called after a change in the panel. The document is as it is now; how it was before
// is not known.
export const runHooks = async ({ collection: slug, id, action }, req) => {
  const { config } = req.payload.collections[slug]
  const call = async (name, args) => {
    for (const hook of config.hooks[name] ?? []) await hook({ collection: config, context: req.context, req, ...args })
  }
  const doc = await req.payload.findByID({ collection: slug, id, depth: 0, disableErrors: true, req })
  if (doc) return call('afterChange', { data: doc, doc, previousDoc: doc, operation: action === 'created' ? 'create' : 'update' })
  await call('beforeDelete', { id })
  await call('afterDelete', { id, doc: { id } })
}
