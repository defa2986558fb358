import { withPayload } from '@payloadcms/next/withPayload'

export default withPayload({ devIndicators: false, turbopack: { root: import.meta.dirname } }, { devBundleServerPackages: false })
