// The floors and categories that an editor enters before the first sync, through the Local API.
const FLOORS = ['B2', 'B1', 'GF', 'UG', 'MF', '1F', '2F', '3F', '4F', '5F', '6F', '7F', '8F']
const CATEGORIES = [
  ['shops', 'luxury', 'LUXURY', 'ลักชัวรี'],
  ['shops', 'fashion', 'FASHION', 'แฟชั่น'],
  ['shops', 'beauty', 'BEAUTY', 'ความงาม'],
  ['shops', 'gadget', 'GADGET', 'แกดเจ็ต'],
  ['shops', 'home-living', 'HOME & LIVING', 'บ้านและการใช้ชีวิต'],
  ['shops', 'club-lounge', 'CLUB & LOUNGE', 'คลับและเลานจ์'],
  ['shops', 'general', 'GENERAL', 'ทั่วไป'],
  ['shops', 'cosmetic-fragrance', 'COSMETIC & FRAGRANCE', 'เครื่องสำอางและน้ำหอม'],
  ['dinings', 'restaurant', 'RESTAURANT', 'ร้านอาหาร'],
  ['dinings', 'cafe', 'CAFE', 'คาเฟ่'],
  ['dinings', 'take-home', 'TAKE HOME', 'ซื้อกลับบ้าน'],
]

const inEnglish = (options) => (options.noLocalization ? {} : { locale: 'en' })

export const seed = async (payload, options = {}) => {
  let order = 1
  for (const name of FLOORS) await payload.create({ collection: 'floors', data: { name, order: order++ } })
  await payload.create({ collection: 'floors', data: { name: '9F', order: order++, status: 'INACTIVE' } })
  order = 1
  for (const [kind, slug, name, thaiName] of CATEGORIES) {
    const type = options.hasManyType ? [kind] : kind
    const data = { type, slug, name, order: order++, ...(options.draftCategories ? { _status: 'published' } : {}) }
    const { id } = await payload.create({ collection: 'categories', ...inEnglish(options), data })
    if (!options.noLocalization) await payload.update({ collection: 'categories', id, locale: 'th', data: { name: thaiName } })
  }
}
