/** @file A process that looks for adapters, and one that writes in between; a test watches what reaches its stderr. */
import { writeSync } from 'node:fs'
import { without } from '../../src/webgpu/quiet.ts'
import { prepareAdapter } from './adapters.ts'

const write = (/** @type {string} */ text) => writeSync(2, text)
if (process.argv[2] === 'lines') {
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
} else {
  await prepareAdapter()
  // The package's own search, in the way of Node's entry.
  const { device } = await import('../../src/node.ts')
  const found = await device('webgpu')
  console.error(`found ${found.name}`)
  found.destroy()
}
