/**
 * @file Letters to an inn, and how each is answered: what classify.ts sorts. A model that has read what was written
 * before knows praise, blame and wishes; the letters to be sorted have two words more, `not` and `too`.
 */
import { data } from 'handgrad'

type Random = ReturnType<typeof data.randomOf>
const list = (text: string): string[] => text.split(' ')
const pick = (random: Random, from: readonly string[]): string => from[random.int(from.length)]

const things = list('soup tea bed room bath view')
const good = list('good warm fresh fine')
const bad = list('dull cold stale poor')
const degrees = list('very so quite')
const openings = ['', '', 'hello, ', 'for us ', 'last night ']
const endings = ['', '', ' again', ', we find', ' this time']

/** Answers, of which each letter gets one. */
const labels = ['Thanks', 'Sorry', 'Sure']

export interface Letter {
  readonly text: string
  readonly label: string
}

/** What new letters say: `not dull` is praise, `not warm` is blame, and so is `too warm`. */
function judgement(praises: boolean, random: Random): [degrees: readonly string[], adjectives: readonly string[]] {
  const of = random.uniform()
  if (praises) return of < 0.3 ? [['not'], bad] : [degrees, good]
  return of < 0.3 ? [['not'], good] : of < 0.7 ? [['too'], good] : [degrees, bad]
}

/** Six of ten letters praise, three blame, and one has a wish. */
function letter(random: Random, isNew: boolean): Letter {
  const of = random.int(10)
  const label = labels[of < 6 ? 0 : of < 9 ? 1 : 2]
  const [opening, thing, ending] = [openings, things, endings].map((from) => pick(random, from))
  if (label === 'Sure') return { text: `${opening}may we have the ${thing}${ending}?`, label }
  const praises = label === 'Thanks'
  const [words, adjectives] = isNew ? judgement(praises, random) : [degrees, praises ? good : bad]
  return { text: `${opening}the ${thing} was ${pick(random, words)} ${pick(random, adjectives)}${ending}.`, label }
}

/** Lines of letters with their answers, `the soup was very good. Thanks`, as the base reads them. */
export function written(seed: number, count: number): string {
  const random = data.randomOf({ seed, epoch: 0, index: 1 })
  return Array.from({ length: count }, () => letter(random, false))
    .map(({ text, label }) => `${text} ${label}\n`)
    .join('')
}

/** What is to be sorted. */
export interface Letters {
  /** To learn from. */
  readonly known: readonly Letter[]
  /** To be measured on: a quarter, with the same share of each label. */
  readonly unseen: readonly Letter[]
  readonly labels: readonly string[]
  /** Letters that say nothing. */
  readonly empty: readonly string[]
}

/** New letters, each of which comes once; or what the lines of a file have. */
export async function lettersOf(file: string, seed: number, count: number): Promise<Letters> {
  const found = new Map<string, Letter>()
  const random = data.randomOf({ seed, epoch: 0, index: 2 })
  if (file) for await (const one of data.readJsonLines(file)) found.set((one as Letter).text, one as Letter)
  while (!file && found.size < count) {
    const one = letter(random, true)
    found.set(one.text, one)
  }
  const all = [...found.values()]
  const stratify = all.map(({ label }) => label)
  const parts = data.trainTestSplit({ length: all.length, get: (i) => all[i] }, { seed, stratify })
  const [known, unseen] = [parts.train, parts.test].map(({ indices }) => Array.from(indices, (i) => all[i]))
  if (!file) return { known, unseen, labels, empty: ['it was.', 'may it?'] }
  return { known, unseen, labels: [...new Set(stratify)].sort(), empty: [''] }
}
