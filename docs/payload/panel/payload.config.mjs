// The collections are those of tests/payload, which pictures.py copies beside this file.
import { configOf } from './config.mjs'

const config = await configOf(process.env.DATABASE_URL, JSON.parse(process.env.PAYLOAD_OPTIONS))
config.admin.avatar = 'default' // no picture of the editor from elsewhere

export default config
