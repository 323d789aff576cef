/**
 * @file `npx tsx tools/tensorboard.ts FOLDER` writes two event files, a run and one that goes on from its step 3, for
 * tools/reference_tensorboard.py, which has a real TensorBoard read them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { realFile } from '../test/support/events.ts'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('say where: npx tsx tools/tensorboard.ts FOLDER')
mkdirSync(folder, { recursive: true })
for (const from of [0, 3]) writeFileSync(`${folder}/events.out.tfevents.${from}`, realFile(from))
