/** @file The options of a reader's own kernel, typed into a page as they are on the command line. */
import { fail, shown } from '../../core/errors.ts'
import type { OwnSpec } from '../own/spec.ts'

const ONE = ['entry', 'groups', 'flop', 'bytes', 'sweep'] as const
const MANY = { bind: 'bind', param: 'param', const: 'constants' } as const

/** @throws HandgradError for an option that is unknown or lacks its value, or without --groups */
export function specOf(code: string, options: string): OwnSpec {
  const one: Partial<Record<(typeof ONE)[number], string>> = {}
  const many: { bind: string[]; param: string[]; constants: string[] } = { bind: [], param: [], constants: [] }
  const words = options.split(/\s+/).filter(Boolean)
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [words[i].replace(/^--/, ''), words[i + 1]]
    const known = ONE.find((each) => each === name)
    if (!words[i].startsWith('--') || (!known && !Object.hasOwn(MANY, name)))
      fail(
        'bench',
        `'${shown(words[i])}' is not an option`,
        [...ONE, ...Object.keys(MANY)].map((each) => `--${each}`).join(', '),
      )
    if (value === undefined || value.startsWith('--')) fail('bench', `--${name} needs a value`)
    if (known) one[known] = value
    else many[MANY[name as keyof typeof MANY]].push(value)
  }
  if (one.groups === undefined) fail('bench', 'how many workgroups?', '--groups n/LANES')
  return { code, file: 'pasted.wgsl', ...one, ...many, groups: one.groups }
}
