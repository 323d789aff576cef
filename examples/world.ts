/** @file A made world of users and items for recommender.ts, and the measures of a ranking. */
import { data } from 'handgrad'

export const USERS = 120
export const [OLD, NEW] = [72, 24] // items that were there, and items that come later
export const [TAKEN, HELD] = [8, 3] // what each user has taken, and what is kept for the test
const themes = 'space love crime war music nature'.split(' ')
const wordsOf = (theme: number): string[] => Array.from({ length: 5 }, (_, i) => `${themes[theme]}${i}`)
export const words = [
  ...themes.flatMap((_, theme) => wordsOf(theme)),
  ...Array.from({ length: 10 }, (_, i) => `common${i}`),
]

/**
 * A made world: each item has a theme, a text (two words of the theme and two common ones) and a popularity; each user
 * likes two themes, and takes an item with a chance that grows with its popularity, twelve times as likely if liked.
 */
export function world(seed: number) {
  const random = data.randomOf({ seed, epoch: 0, index: 0 })
  const items = Array.from({ length: OLD + NEW }, (_, i) => {
    const theme = i % themes.length
    const text = [0, 1]
      .map(() => theme * 5 + random.int(5))
      .concat([0, 1].map(() => themes.length * 5 + random.int(10)))
    return { theme, text, popularity: 1 / (1 + random.int(5)) }
  })
  const users = Array.from({ length: USERS }, () => {
    const liked = [random.int(themes.length), random.int(themes.length)]
    const draw = (from: number, to: number, count: number): number[] => {
      const order = items.slice(from, to).map(({ theme, popularity }, i) => {
        const weight = popularity * (liked.includes(theme) ? 12 : 1)
        return { item: from + i, key: -Math.log(1 - random.uniform()) / weight } // the least keys: drawn by weight
      })
      return order
        .sort((a, b) => a.key - b.key)
        .slice(0, count)
        .map(({ item }) => item)
    }
    const old = draw(0, OLD, TAKEN + HELD)
    return { known: old.slice(0, TAKEN), held: old.slice(TAKEN), later: draw(OLD, OLD + NEW, HELD) }
  })
  return { items, users }
}

/**
 * Means over users: recall@k, the part of what was wanted that is among the first k, and NDCG@k, where early places
 * count more.
 */
export function ranked(
  scores: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
  allowed: (user: number, item: number) => boolean,
  k: number,
) {
  const gain = (place: number): number => 1 / Math.log2(place + 2)
  let [recall, ndcg] = [0, 0]
  scores.forEach((row, user) => {
    const order = [...row.keys()].filter((item) => allowed(user, item)).sort((a, b) => row[b] - row[a])
    const places = wanted[user].map((item) => order.indexOf(item)).filter((place) => place < k)
    recall += places.length / wanted[user].length
    ndcg += places.reduce((sum, place) => sum + gain(place), 0) / wanted[user].reduce((sum, _, i) => sum + gain(i), 0)
  })
  return { recall: recall / scores.length, ndcg: ndcg / scores.length }
}
