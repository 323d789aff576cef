// @ts-check
/**
 * @file `npm run check:package [install|size|nodes]`: builds, then tries what is published: packed, installed and
 * bundled as users do (check.mjs), within its limits of size (limits.mjs), and in every supported Node
 * (../nodes). One of them by its name; without one, all.
 */
import { join } from 'node:path'
import { printTotal, programOf, root, runNode } from '../../scripts/run.mjs'

/** @type {Record<string, string[]>} */
const checks = {
  install: [join(root, 'tools', 'package', 'check.mjs')],
  size: [programOf('size-limit'), '--config', join(root, 'tools', 'package', 'limits.mjs')],
  nodes: [join(root, 'tools', 'nodes', 'run.mjs')],
}
const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in checks))
if (unknown.length > 0)
  throw new Error(`check:package: no check ${unknown.join(', ')}: ${Object.keys(checks).join(', ')}`)

const built = await runNode([join(root, 'scripts', 'build.mjs')])
const runs = [built]
for (const name of built.code === 0 ? Object.keys(checks) : []) {
  if (names.length === 0 || names.includes(name)) runs.push(await runNode(checks[name]))
}
printTotal(runs)
