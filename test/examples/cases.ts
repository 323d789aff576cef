/** @file All cases of cases/, by the name of their file. */
import { readdirSync } from 'node:fs'
import type { Example, Named } from './example.ts'

const folder = new URL('cases/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
const loaded = files.map((file) => import(/* @vite-ignore */ new URL(file, folder).href))

// Made by themselves, so that a program's data does not hang on the machine's.
delete process.env['HANDGRAD_DATA']
export const examples: readonly Named[] = (await Promise.all(loaded)).map(({ one }: { one: Example }, i) => ({
  ...one,
  name: files[i].replace('.ts', ''),
}))
