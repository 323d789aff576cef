/**
 * @file `npm run bench -- …`: what `handgrad bench` does, from the sources, on an adapter that is brought along, with
 * benny taking the turns; and `npm run bench -- compare …` (compare.ts). How to read it all is in README.md.
 */
import { prepareAdapter } from '../scripts/adapter.mjs'
import { bench, benchOptions } from '../src/cli/bench.ts'
import { helpOf } from '../src/cli/options.ts'
import { terminalOf } from '../src/text/terminal.ts'
import { byBenny } from './benny.ts'

const [command, ...rest] = process.argv.slice(2)
try {
  if (command === 'compare') await (await import('./compare.ts')).compare(rest)
  else if (process.argv.includes('--help')) {
    console.log(`npm run bench -- [SUITE …] [options], or compare …\n${helpOf(benchOptions, terminalOf().columns)}`)
  } else {
    if (!process.argv.includes('cpu')) await prepareAdapter()
    await bench(process.argv.slice(2), byBenny)
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
