/** @file Chinese text that the programs make themselves: short reviews of a shop, and questions put to its service. */
import type { data } from 'handgrad'

export type Random = ReturnType<typeof data.randomOf>
export const pick = <T>(random: Random, from: readonly T[]): T => from[random.int(from.length)]
const list = (text: string): string[] => text.split(' ')

/** What reviews are about, and how each topic is praised and blamed. */
const subjects = [
  {
    topic: '物流',
    aspects: list('快递 发货 配送 送货'),
    good: list('快 及时 准时 顺利'),
    bad: list('慢 拖拉 磨蹭 混乱'),
  },
  {
    topic: '质量',
    aspects: list('做工 面料 质量 手感'),
    good: list('扎实 精细 舒服 结实'),
    bad: list('粗糙 单薄 马虎 毛糙'),
  },
  {
    topic: '客服',
    aspects: list('客服 售后 店员 态度'),
    good: list('耐心 热情 周到 和气'),
    bad: list('冷淡 敷衍 傲慢 生硬'),
  },
  {
    topic: '价格',
    aspects: list('价格 价钱 折扣 定价'),
    good: list('便宜 实惠 划算 公道'),
    bad: list('贵 虚高 离谱 坑人'),
  },
]
export const topics = subjects.map(({ topic }) => topic)
export const feelings = ['褒', '贬']
const degrees = list('很 非常 特别 挺')
const turning = list('不太 并不 一点也不') // turns praise into blame, and blame into praise
const openings = ['说实话，', '买了两次，', '𠮷野家这次', '今天收到，', ''] // 𠮷 is one character and two UTF-16 units
const endings = ['。', '！', '，就这样。', '，供参考。']

export interface Review {
  readonly text: string
  readonly topic: number
  /** 0 praise, 1 blame. */
  readonly feeling: number
}

/** A review of any topic, with this chance of being a complaint. */
export function review(random: Random, complaints = 0.5): Review {
  const topic = random.int(subjects.length)
  const feeling = Number(random.uniform() < complaints)
  const turned = random.uniform() < 0.3
  const { aspects, good, bad } = subjects[topic]
  const adjective = pick(random, (feeling === 1) === turned ? good : bad)
  const phrase = `${pick(random, aspects)}${pick(random, turned ? turning : degrees)}${adjective}`
  return { text: `${pick(random, openings)}${phrase}${pick(random, endings)}`, topic, feeling }
}

/** Answers of a shop's service, and ways to ask for each. */
export const answers: readonly { answer: string; questions: readonly string[] }[] = [
  {
    answer: '订单发出后，一般三天送达。',
    questions: ['什么时候能送到', '几天可以收到货', '送货要多久', '我的包裹哪天到', '多久能送达', '几天能送到我家'],
  },
  {
    answer: '七天之内可以无理由退货。',
    questions: ['怎么退货', '不喜欢可以退吗', '想退掉这件衣服', '退货要什么条件', '买了不合适能退吗', '我想退货怎么办'],
  },
  {
    answer: '退款会在五个工作日内原路返回。',
    questions: [
      '钱什么时候退给我',
      '退款到哪里了',
      '还没收到退款',
      '退的钱多久到账',
      '退款几天到账',
      '退款怎么还没有到',
    ],
  },
  {
    answer: '发票可以在订单页面申请，发到您的邮箱。',
    questions: ['能开发票吗', '怎么申请发票', '发票开错了', '想要一张电子发票', '发票在哪里开', '可以给我开张发票吗'],
  },
  {
    answer: '优惠券在结算时选择使用，不能叠加。',
    questions: [
      '优惠券怎么用',
      '为什么不能用优惠券',
      '优惠券可以一起用吗',
      '结算时没有优惠',
      '优惠券在哪里选',
      '两张优惠券能叠加吗',
    ],
  },
  {
    answer: '忘记密码时，请用手机号重新设置。',
    questions: ['密码忘了', '登录不了账号', '怎么改密码', '账号密码不对', '忘记密码怎么登录', '我想重新设置密码'],
  },
  {
    answer: '尺码请参考商品页的尺码表。',
    questions: ['该买多大的', '尺码偏大吗', '一米七穿什么码', '衣服大小怎么选', '这件尺码准不准', '不知道该选什么尺码'],
  },
  {
    answer: '收货地址在发货之前可以修改。',
    questions: [
      '地址写错了',
      '怎么改收货地址',
      '想换一个地址',
      '能送到另一个地方吗',
      '收货地址能改吗',
      '地址填错了怎么改',
    ],
  },
]
