/** @file URLs that users give: what of them may be shown, and what is secret. */
import { fail, shown } from '../core/errors.ts'
import { checkText } from './given.ts'

/** A URL that may be shown, and what is secret of it. */
export interface Address {
  readonly url: string
  /** The query, which holds the keys of signed URLs. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
}

/** A URL, without what is secret in it. */
export function addressOf(op: string, what: string, text: unknown): Address {
  checkText(op, what, text, 'give a URL as text')
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    const safe = text
      .replace(/^([a-z]*:\/\/)?.*\?.*@.*/is, '$1…') // a query or a password: nobody knows
      .replace(/^([a-z]*:\/\/)?.*@/is, '$1…@')
      .replace(/\?.*/s, '?…')
    fail(op, `${what} is '${shown(safe, 200)}'`, 'give a URL that begins with https:// or http://')
  }
  const { origin, pathname, search, username, password } = new URL(text)
  const user = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`)
  const headers: Record<string, string> = {}
  if (username || password) headers['authorization'] = `Basic ${btoa(String.fromCharCode(...user))}`
  return { url: origin + pathname, query: search, headers }
}

/** Text without `%20` and the like. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a % that stands for itself
  }
}
