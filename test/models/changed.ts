/** @file Folders of models in which something is other than it was. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { folderOf } from './cases.ts'

/** All folders of the file that imports this are in it. */
export const temporary = await mkdtemp(join(tmpdir(), 'handgrad-models-'))
afterAll(() => rm(temporary, { recursive: true }))

/** An empty folder, which is there until the tests of the file are done. */
export const fresh = (): Promise<string> => mkdtemp(join(temporary, 'case-'))

/** A model's config.json. */
export const configIn = async (folder: string) => JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))

/** A model's folder with other keys in its config.json; undefined takes one away. */
export async function changed(name: string, config: Record<string, unknown>): Promise<string> {
  const folder = await fresh()
  await cp(folderOf(name), folder, { recursive: true })
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...(await configIn(folder)), ...config }))
  await rm(join(folder, 'expected.safetensors'))
  return folder
}
