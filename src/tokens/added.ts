/** @file Tokens that are whole strings, found in a text before anything else is done with it. */

/** A token that no merge makes, such as `<|endoftext|>`. */
export interface AddedToken {
  /** Its text. */
  content: string
  /** Its id; default: the one that the vocabulary has for it, or the next free one. */
  id?: number
  /** Read as itself only where {@link EncodeOptions.allowedSpecial} says so; default true. */
  special?: boolean
}

/**
 * A text as ids of tokens that are in it as themselves, and strings between them: from left to right, of tokens that
 * begin at one place the longest.
 */
export function* cut(text: string, tokens: readonly (readonly [content: string, id: number])[]) {
  const longestFirst = [...tokens].sort(([a], [b]) => b.length - a.length)
  // Where each occurs next; looked for anew only once that place is passed
  const places = longestFirst.map(([content]) => text.indexOf(content))
  let begin = 0
  for (;;) {
    let first = -1
    for (let i = 0; i < places.length; i++) {
      if (places[i] >= 0 && places[i] < begin) places[i] = text.indexOf(longestFirst[i][0], begin)
      if (places[i] >= 0 && (first < 0 || places[i] < places[first])) first = i
    }
    if (first < 0) break
    if (places[first] > begin) yield text.slice(begin, places[first])
    const [content, id] = longestFirst[first]
    yield id
    begin = places[first] + content.length
  }
  if (begin < text.length) yield text.slice(begin)
}
