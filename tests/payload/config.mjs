// A Payload 3 project whose collections make the tables that DOMAIN.md describes. Each option is a setting in which sites
// differ; `docs/payload.md` has a line on each.
import { postgresAdapter } from '@payloadcms/db-postgres'
import { buildConfig, slugField } from 'payload'

const STATUSES = ['ACTIVE', 'INACTIVE', 'CLOSED', 'TEMPORARILY_CLOSED', 'COMING_SOON', 'MASTER']
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const CONTACTS = ['website', 'phone', 'instagramUrl', 'facebookUrl', 'wechatAccount', 'lineAccount', 'weiboUrl']

const choices = (values) => values.map((value) => ({ label: value, value }))
const fieldsOf = (type, names, more = {}) => names.map((name) => ({ name, type, ...more }))
const group = (name, fields) => ({ name, type: 'group', fields })
const listOf = (name, fields, more = {}) => ({ name, type: 'array', fields, ...more })
const links = (name, relationTo, more = {}) => ({ name, type: 'relationship', relationTo, hasMany: true, ...more })
const isTimeOfDay = (value) => !value || /^\d\d:\d\d$/.test(value) || 'HH:MM'

// As many sites do: a slug of the title's ASCII words, at the first save.
const asciiWords = (text) => (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join('-')
const fillSlug = ({ data, value }) => value || (typeof data?.title === 'string' ? asciiWords(data.title) : value)

const slugFields = (o) =>
  o.slugField
    ? [slugField()]
    : [
        {
          name: 'slug', type: 'text', index: true, unique: Boolean(o.uniqueSlug), localized: Boolean(o.localizedSlug),
          hooks: { beforeValidate: [fillSlug] },
        },
        { name: 'slugLock', type: 'checkbox', defaultValue: true, admin: { hidden: true } },
      ]

const statusField = (slug, o) => ({
  name: 'status', type: 'select', required: true, defaultValue: 'ACTIVE', options: choices(STATUSES),
  hasMany: Boolean(o.hasManyStatus),
  ...(o.drafts || o.enumName ? { enumName: `enum_${slug}_state` } : {}), // drafts take the usual name for `_status`
})

const textFields = (o) => [
  { name: 'title', type: 'text', localized: true, required: Boolean(o.requiredTitle) },
  { name: 'subtitle', type: 'text', localized: true },
  { name: 'description', type: o.richText ? 'json' : 'textarea', localized: true, ...(o.maxDesc ? { maxLength: o.maxDesc } : {}) },
]

const referenceFields = (slug, o) => [
  { name: 'floor', type: 'relationship', relationTo: 'floors', localized: Boolean(o.localizedRels), required: Boolean(o.requiredFloor) },
  links('categories', 'categories', {
    hasMany: !o.singleCategory,
    localized: Boolean(o.localizedRels || o.localizedCats),
    required: Boolean(o.requiredCategories),
    ...(o.filterCats ? { filterOptions: { type: { equals: slug } } } : {}),
  }),
]

const locationField = () =>
  group('location', [
    { name: 'zone', type: 'text' },
    { name: 'shopNumber', type: 'text', localized: true },
    group('coordinates', fieldsOf('number', ['poi_x', 'poi_y'], { defaultValue: 0 })),
  ])

const hoursField = (o) =>
  group('openingHours', [
    { name: 'sameHoursEveryDay', type: 'checkbox', defaultValue: true },
    { name: 'open', type: 'text', ...(o.hoursValidate ? { validate: isTimeOfDay } : {}) },
    { name: 'close', type: 'text' },
    listOf('perDay', [{ name: 'day', type: 'select', options: choices(DAYS) }, ...fieldsOf('text', ['open', 'close'])],
      o.perDayDbName ? { dbName: ({ tableName }) => `${tableName}_hours` } : {}),
  ])

const siteFields = (o) => [
  ...(o.skipSync ? [{ name: 'skipSync', type: 'checkbox', defaultValue: false }] : []),
  ...(o.extraRequired
    ? [{ name: 'mallCode', type: 'text', required: true, ...(o.extraRequired === 'default' ? { defaultValue: 'ICS' } : {}) }]
    : []),
  ...(o.tags ? [{ name: 'tags', type: 'select', hasMany: true, options: choices(['new', 'hot', 'vegan']) }] : []),
  ...(o.blocks
    ? [{ name: 'layout', type: 'blocks', blocks: [{ slug: 'note', fields: [{ name: 'text', type: 'text', localized: true }] }] }]
    : []),
]

const versionsOf = (o) => {
  if (o.drafts) return { versions: { drafts: o.drafts === 'autosave' ? { autosave: true } : true, maxPerDoc: o.maxPerDoc ?? 20 } }
  return o.versions ? { versions: true } : {}
}

const tenants = (slug, o) => ({
  slug,
  admin: { useAsTitle: 'title' },
  timestamps: !o.noTimestamps,
  trash: Boolean(o.trash),
  ...versionsOf(o),
  ...(o.noLock ? { lockDocuments: false } : {}),
  ...(o.dbName ? { dbName: `cms_${slug}` } : {}),
  fields: [
    ...textFields(o),
    statusField(slug, o),
    { name: 'uniqueId', type: 'text', index: Boolean(o.indexedUniqueId), unique: Boolean(o.uniqueId), required: Boolean(o.requiredUniqueId) },
    ...referenceFields(slug, o),
    locationField(),
    hoursField(o),
    group('contactInfo', fieldsOf('text', CONTACTS)),
    group('images', fieldsOf('upload', ['logo', 'mainImage', 'thumbnail', 'facebookImage'], { relationTo: 'media' })),
    group('dateRange', fieldsOf('date', ['startDate', 'endDate'])),
    { name: 'shortAlphabet', type: 'text' },
    { name: 'sortOrder', type: 'number' },
    { name: 'isFeatured', type: 'checkbox' },
    { name: 'pinToIconluxe', type: 'checkbox', defaultValue: false },
    ...siteFields(o),
    links('relatedShops', 'shops'),
    links('relatedDinings', 'dinings'),
    links('promotions', 'promotions'),
    group('meta', [{ name: 'title', type: 'text', localized: true }, { name: 'description', type: 'textarea', localized: true }]),
    ...slugFields(o),
  ],
})

const active = { name: 'status', type: 'select', required: true, defaultValue: 'ACTIVE', options: choices(['ACTIVE', 'INACTIVE']) }

const floors = (o) => ({
  slug: 'floors',
  admin: { useAsTitle: 'name' },
  fields: [
    { name: 'name', type: 'text', required: true, localized: Boolean(o.localizedFloors) },
    { name: 'order', type: 'number', required: true, defaultValue: 1 },
    active,
  ],
})

const categories = (o) => ({
  slug: 'categories',
  admin: { useAsTitle: 'name' },
  ...(o.draftCategories ? { versions: { drafts: true } } : {}),
  fields: [
    ...fieldsOf('text', ['name', 'description', 'displayName'], { localized: true }),
    { name: 'image', type: 'upload', relationTo: 'media' },
    {
      name: 'type', type: 'select', required: true, hasMany: Boolean(o.hasManyType),
      options: choices(['shops', 'dinings', 'promotions', 'events', 'directory']),
    },
    { name: 'order', type: 'number', defaultValue: 0 },
    { ...active, ...(o.draftCategories ? { enumName: 'enum_categories_state' } : {}) },
    { name: 'slug', type: 'text', required: true, unique: true, index: true },
    { name: 'originalId', type: 'text', index: true },
    { name: 'pinToDirectory', type: 'checkbox', defaultValue: false },
  ],
})

const counts = (name, counted) => group(name, fieldsOf('number', counted, { defaultValue: 0 }))

const syncLogs = {
  slug: 'api-sync-logs',
  admin: { useAsTitle: 'syncId' },
  fields: [
    { name: 'syncId', type: 'text', required: true, unique: true },
    {
      name: 'status', type: 'select', required: true, defaultValue: 'RUNNING',
      options: choices(['RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL']),
    },
    { name: 'startedAt', type: 'date', required: true },
    { name: 'completedAt', type: 'date' },
    { name: 'durationSeconds', type: 'number' },
    { name: 'externalApiUrl', type: 'text', required: true },
    counts('apiResponseSummary', ['totalRecordsFetched', 'totalPages', 'lastPageProcessed']),
    counts('processingSummary', [
      'recordsProcessed', 'recordsCreated', 'recordsUpdated', 'recordsFailed', 'shopsProcessed', 'diningsProcessed',
    ]),
    listOf('errors', [
      { name: 'timestamp', type: 'date' },
      { name: 'recordUniqueId', type: 'text' },
      ...fieldsOf('textarea', ['errorMessage', 'errorStack']),
    ]),
    listOf('validationIssues', [{ name: 'recordUniqueId', type: 'text' }, { name: 'description', type: 'textarea' }]),
    group('unmappedData', [
      listOf('unmappedFloors', [{ name: 'floorName', type: 'text' }]),
      listOf('unmappedCategories', [
        { name: 'categoryName', type: 'text' },
        { name: 'type', type: 'select', options: choices(['shops', 'dinings']) },
        ...fieldsOf('text', ['englishName', 'thaiName']),
      ]),
    ]),
    group('performanceMetrics', fieldsOf('number', ['avgTimePerRecord', 'memoryUsageMb', 'apiResponseTimeAvg'])),
    { name: 'notes', type: 'textarea' },
  ],
}

const collections = (o) => [
  { slug: 'users', auth: true, fields: [] },
  { slug: 'media', upload: { staticDir: 'media' }, fields: [{ name: 'alt', type: 'text' }] },
  floors(o),
  categories(o),
  tenants('shops', o),
  tenants('dinings', o),
  { slug: 'promotions', fields: [{ name: 'name', type: 'text' }] },
  ...(o.noSyncLogs ? [] : [syncLogs]),
]

const ADAPTER_OPTIONS = ['idType', 'schemaName', 'relationshipsSuffix', 'blocksAsJSON', 'allowIDOnCreate', 'tablesFilter']

const adapterOptions = (o) => Object.fromEntries(ADAPTER_OPTIONS.filter((name) => o[name] !== undefined).map((name) => [name, o[name]]))

// `url` is a libpq URI; `push` lets Payload make or change the tables.
export const configOf = (url, o = {}, push = false) =>
  buildConfig({
    secret: 'of no use to anybody',
    telemetry: false,
    typescript: { autoGenerate: false },
    graphQL: { disable: true },
    logger: { options: { name: 'payload', level: 'warn' }, destination: process.stderr },
    localization: o.noLocalization
      ? undefined
      : { locales: ['th', 'en', 'zh'], defaultLocale: o.defaultLocale ?? 'en', fallback: o.fallback ?? true },
    db: postgresAdapter({ pool: { connectionString: url, max: 5 }, push, ...adapterOptions(o) }),
    collections: collections(o),
  })
