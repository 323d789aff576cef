// @ts-check
/**
 * @file Builds dist/ with tsc, from nothing, and `handgrad verify` (verify.mjs), without declarations that nobody can
 * name, and checks what users would trip over: declarations that pull in a package by name, and a command without the
 * line that makes it one.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { programOf, root, runNode } from './run.mjs'
import { buildVerify } from './verify.mjs'

const dist = join(root, 'dist')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
rmSync(dist, { recursive: true, force: true })
const { code } = await runNode([programOf('typescript', 'tsc'), '-p', 'tsconfig.build.json'])
process.exitCode = code
if (code === 0) await buildVerify(join(dist, 'verify'))
if (code === 0) {
  // tsc indents by four and ends in semicolons: 5 % of the package. The sources' own format, but for tabs, is shorter.
  const biome = [
    programOf('@biomejs/biome', 'biome'),
    'format',
    '--write',
    '--config-path=scripts/dist.biome.json',
    'dist',
  ]
  const formatted = await runNode(biome)
  if (formatted.code !== 0) problem('biome cannot format dist')
}

const files = code === 0 ? readdirSync(dist, { recursive: true, encoding: 'utf8' }) : []
// The sources are not in the package: who reads there reads the code that runs, with its comments. Declarations that no
// entry leads to are of what nobody can import.
const nameless = code === 0 ? unreachable(Object.values(manifest.exports).flatMap(({ types }) => types ?? [])) : []
for (const file of nameless) rmSync(join(dist, file))
for (const file of files.filter((name) => name.endsWith('.d.ts') && !nameless.includes(name))) {
  // a reference to @webgpu/types clashes with the DOM library of TypeScript 6 and 7, which has these types itself
  const reference = readFileSync(join(dist, file), 'utf8').match(/^\/\/\/ <reference .*$/m)
  if (reference) problem(`dist/${file} says ${reference[0]} (import the types it needs instead)`)
}
const command = join('cli', 'main.js')
if (files.includes(command) && !readFileSync(join(dist, command), 'utf8').startsWith('#!')) {
  problem('dist/cli/main.js is a command, but has no first line #!/usr/bin/env node (begin src/cli/main.ts with it)')
}

/**
 * Declarations of dist/ to which no import leads.
 * @param {readonly string[]} entries  where imports begin, from the root
 */
function unreachable(entries) {
  const reached = new Set()
  const waiting = entries.map((entry) => join(root, entry))
  for (const file of waiting) {
    if (reached.has(file)) continue
    reached.add(file)
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.[jt]s['"]/g))
      waiting.push(join(dirname(file), `${path}.d.ts`))
  }
  return files.filter((file) => file.endsWith('.d.ts') && !reached.has(join(dist, file)))
}

/** @param {string} text */
function problem(text) {
  console.error(`build: ${text}`)
  process.exitCode = 1
}
