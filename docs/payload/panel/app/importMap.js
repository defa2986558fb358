import { CollectionCards } from '@payloadcms/ui/rsc'

export const importMap = { '@payloadcms/ui/rsc#CollectionCards': CollectionCards }
