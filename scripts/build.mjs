// @ts-check
/**
 * @file Builds dist/ with tsc, from nothing and without comments in its code, and `handgrad verify` (verify.mjs), and
 * checks what users would trip over: declarations that pull in a package by name, and a command without the line that
 * makes it one.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { programOf, root, runNode } from './run.mjs'
import { buildVerify } from './verify.mjs'

const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })
const { code } = await runNode([programOf('typescript', 'tsc'), '-p', 'tsconfig.build.json'])
process.exitCode = code
if (code === 0) await buildVerify(join(dist, 'verify'))

const files = code === 0 ? readdirSync(dist, { recursive: true, encoding: 'utf8' }) : []
// Comments are read in src, which is in the package too, and in declarations; here they would be a fifth of its size.
for (const file of files.filter((name) => name.endsWith('.js') && !name.startsWith('verify'))) {
  const text = readFileSync(join(dist, file), 'utf8')
  writeFileSync(
    join(dist, file),
    transformSync(text, { target: 'es2023', legalComments: 'none', charset: 'utf8' }).code,
  )
}
for (const file of files.filter((name) => name.endsWith('.d.ts'))) {
  // a reference to @webgpu/types clashes with the DOM library of TypeScript 6 and 7, which has these types itself
  const reference = readFileSync(join(dist, file), 'utf8').match(/^\/\/\/ <reference .*$/m)
  if (reference) problem(`dist/${file} says ${reference[0]} (import the types it needs instead)`)
}
const command = join('cli', 'main.js')
if (files.includes(command) && !readFileSync(join(dist, command), 'utf8').startsWith('#!')) {
  problem('dist/cli/main.js is a command, but has no first line #!/usr/bin/env node (begin src/cli/main.ts with it)')
}

/** @param {string} text */
function problem(text) {
  console.error(`build: ${text}`)
  process.exitCode = 1
}
