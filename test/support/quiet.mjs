/**
 * @file A process that looks for adapters, and one that writes in between; a test watches what reaches its stderr.
 * - `lines`: what is written while lines are taken out
 * - `search`: the search of scripts/adapter.mjs, then that of the package
 * - `plain`, `loud`: a program, and one with `quiet: false`, which look for an adapter, say whether stderr was closed
 * - `taken`: another file takes the number of stderr
 */
import fs, { writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { createDawn } from '../../src/webgpu/node.ts'
import { without } from '../../src/webgpu/quiet.ts'

const how = process.argv[2]
const write = (/** @type {string} */ text) => writeSync(2, text)
const { closeSync } = fs
/** Something that happens whenever stderr is closed. */
const whenClosed = (/** @type {() => void} */ act) => {
  fs.closeSync = (/** @type {number} */ at) => {
    closeSync(at)
    if (at === 2) act()
  }
  syncBuiltinESMExports()
}

if (how === 'lines') {
  write('before\n')
  const given = without(/^noise \d+\n/gm, () => {
    write('noise 1\nfault 1\nnoise 2\n')
    return 'given'
  })
  write(`${given}\n`)
  try {
    without(/^noise \d+\n/gm, () => {
      write('noise 3\nfault 2\n')
      throw new Error('thrown on purpose')
    })
  } catch (error) {
    console.error(String(error))
  }
  write('after\n')
} else if (how === 'taken') {
  // As a thread would, which soon closes its file.
  let free = false
  whenClosed(() => (free = true))
  const { openSync } = fs
  fs.openSync = (...args) => {
    if (!free) return openSync(...args)
    free = false
    const theirs = openSync(process.execPath, 'r')
    try {
      return openSync(...args)
    } finally {
      closeSync(theirs)
    }
  }
  const given = without(/^noise \d+\n/gm, () => {
    write('noise 1\nfault 1\n')
    return 'given'
  })
  write(`${given}\n`)
} else if (how === 'plain' || how === 'loud') {
  let closed = 0
  whenClosed(() => closed++)
  const gpu = await createDawn('no adapter of this name', how !== 'loud')
  try {
    await gpu.requestAdapter()
  } catch {
    // There is none, as asked.
  }
  console.log(`closed ${closed} times`)
} else {
  const { prepareAdapter } = await import('./adapters.ts')
  await prepareAdapter()
  // The package's own search, in the way of Node's entry.
  const { device } = await import('../../src/node.ts')
  const found = await device('webgpu')
  console.error(`found ${found.name}`)
  found.destroy()
}
