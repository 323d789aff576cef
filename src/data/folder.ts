/**
 * @file Folders of images by class. Nothing outside of the folder is read: links that lead out of it are refused, when
 * it is looked through and again when an image is read.
 */
import { fail, failFormat } from '../core/errors.ts'
import { nodeFiles, reasonOf } from '../io/files.ts'
import { checkPath, nameOf } from '../io/given.ts'
import { checkIndex, type Dataset, type Field } from './dataset.ts'
import { imageIn } from './pixels.ts'

const op = 'imageFolder'
const EXTENSIONS = /\.(png|jpe?g)$/i

/** A path inside of a folder, without links. */
type Inside = (path: string) => Promise<string>

/** Images by class; made by imageFolder. */
export class ImageFolder implements Dataset<Promise<[pixels: Field, label: Field]>> {
  readonly length: number
  /** Names of the folders, in alphabetical order. */
  readonly classes: readonly string[]
  readonly files: readonly string[]
  /** The class of each file. */
  readonly labels: Int32Array
  readonly #read: (path: string) => Promise<Field>

  constructor(
    classes: readonly string[],
    files: readonly string[],
    labels: Int32Array,
    read: (path: string) => Promise<Field>,
  ) {
    this.classes = classes
    this.files = files
    this.labels = labels
    this.length = files.length
    this.#read = read
  }

  /** The image, read now. @throws FormatError naming the file that is none, or not of the size that was asked for */
  async get(index: number): Promise<[pixels: Field, label: Field]> {
    checkIndex('ImageFolder.get', index, this.length)
    return [await this.#read(this.files[index]), { data: this.labels.subarray(index, index + 1), shape: [] }]
  }
}

/** Look through a folder; what is asked for was checked. */
export async function openFolder(
  dir: string,
  channels: 1 | 3 | 4,
  size: readonly [number, number] | undefined,
  limit: number,
): Promise<ImageFolder> {
  checkPath(op, dir)
  const { fs, path: paths } = nodeFiles(op)
  const refused = (path: string) => (error: unknown) => fail(op, `cannot read ${nameOf(path)}, ${reasonOf(error)}`)
  const root = await fs.realpath(dir).catch(refused(dir))
  const inside: Inside = async (path) => {
    const real = await fs.realpath(path).catch(refused(path))
    const way = paths.relative(root, real)
    if (way.split(paths.sep)[0] === '..' || paths.isAbsolute(way))
      failFormat(op, `${nameOf(path)} leads out of the folder, to ${nameOf(real)}`, 'copy it there')
    return real
  }
  const classes: string[] = []
  const files: string[] = []
  const labels: number[] = []
  for (const name of await namesIn(root)) {
    const path = paths.join(root, name)
    if (!(await fs.stat(await inside(path)).catch(refused(path))).isDirectory()) continue
    const before = files.length
    await collect(path, new Set())
    if (files.length === before) failFormat(op, `${nameOf(path)} has no images`, 'PNG files, or JPEG in browsers')
    while (labels.length < files.length) labels.push(classes.length)
    classes.push(name)
  }
  if (classes.length === 0) failFormat(op, `${nameOf(dir)} has no folders of images`, 'one for each class')
  return new ImageFolder(classes, files, Int32Array.from(labels), read)

  /** Names in a folder but hidden ones, in the order of their code points. */
  async function namesIn(folder: string): Promise<string[]> {
    const names = await fs.readdir(folder).catch(refused(folder))
    return names.filter((name) => !name.startsWith('.')).sort()
  }

  /** The images in a folder and those in it. */
  async function collect(folder: string, within: ReadonlySet<string>): Promise<void> {
    const real = await inside(folder)
    if (within.has(real)) failFormat(op, `${nameOf(folder)} is a link to a folder that it is in`, 'take it away')
    for (const name of await namesIn(folder)) {
      const path = paths.join(folder, name)
      const kind = await fs.stat(await inside(path)).catch(refused(path))
      if (kind.isDirectory()) await collect(path, new Set([...within, real]))
      else if (EXTENSIONS.test(name)) files.push(path)
    }
  }

  /** Pixels of a file, channels first, 0 … 1. */
  async function read(path: string): Promise<Field> {
    const { width, height, data } = await imageIn(op, await inside(path), nameOf(path), limit, channels)
    if (size && (height !== size[0] || width !== size[1]))
      failFormat(op, `${nameOf(path)} is ${height} × ${width}, and images are to be ${size[0]} × ${size[1]}`)
    const plane = width * height
    const values = new Float32Array(channels * plane)
    for (let p = 0; p < plane; p++)
      for (let c = 0; c < channels; c++) values[c * plane + p] = data[p * channels + c] / 255
    return { data: values, shape: [channels, height, width] }
  }
}
