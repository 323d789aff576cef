/**
 * @file `tsx tools/api/main.ts [FOLDER]` prints the API report of a checkout, to compare two of them; `npm run optable`
 * writes this one's.
 */
import { resolve } from 'node:path'
import { apiReport } from './report.ts'

const [folder] = process.argv.slice(2)
process.stdout.write(apiReport(folder === undefined ? undefined : resolve(folder)))
