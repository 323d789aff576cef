/**
 * @file IDX files on disk, read a chunk at a time, and the four of MNIST. What is given was checked in mnist.ts; the
 * format is idx.ts.
 */
import { fail, failFormat } from '../core/errors.ts'
import { isMissing, nodeFiles, reasonOf } from '../io/files.ts'
import { nameOf } from '../io/given.ts'
import { chunksOf } from './chunks.ts'
import type { Digits } from './digits.ts'
import { type Accept, type IdxArray, isGzip, mnistFiles, other, parse, readHeader, UNPACKED, unpack } from './idx.ts'

/**
 * The raw bytes of an IDX file on disk, gzipped or not: read a chunk at a time into memory of the size that the header
 * claims, which is refused where the file cannot hold it.
 */
async function rawFile(op: string, path: string, limit: number, accept: Accept): Promise<Uint8Array> {
  const name = nameOf(path)
  const refused = (error: unknown) => fail(op, `cannot read ${name}, ${reasonOf(error)}`)
  const { size } = await nodeFiles(op).fs.stat(path).catch(refused)
  const chunks = chunksOf(op, path)
  const first = await chunks.next()
  const head = first.value ?? new Uint8Array(0)
  if (isGzip(head)) return unpack(op, name, streamOf(head, chunks), size, limit, accept)
  try {
    const header = readHeader(op, name, head)
    if (!header || header.total !== size) return head.subarray(0, size) // parse says what is wrong
    accept(header)
    const bytes = new Uint8Array(size)
    bytes.set(head)
    let length = head.length
    for await (const chunk of chunks) {
      if (length + chunk.length > size) failFormat(op, `${name} grew while it was read`)
      bytes.set(chunk, length)
      length += chunk.length
    }
    return bytes.subarray(0, length)
  } finally {
    await chunks.return()
  }
}

/** Chunks as a stream, the first of them read before. */
function streamOf(
  first: Uint8Array<ArrayBuffer>,
  rest: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (to) => to.enqueue(first),
    async pull(to) {
      const { done, value } = await rest.next()
      if (done) to.close()
      else to.enqueue(value)
    },
    async cancel() {
      await rest.return()
    },
  })
}

/** As loadIdx of mnist.ts. */
export async function readFile(op: string, path: string, limit: number): Promise<IdxArray> {
  return parse(op, nameOf(path), await rawFile(op, path, limit, () => undefined))
}

async function readOne(dir: string, name: string, rank: number): Promise<{ path: string; idx: IdxArray }> {
  const op = 'loadMnist'
  const { fs, path: paths } = nodeFiles(op)
  for (const candidate of [name, `${name}.gz`]) {
    const file = paths.join(dir, candidate)
    const path = nameOf(file)
    try {
      await fs.access(file)
    } catch (error) {
      if (isMissing(error)) continue
      fail(op, `cannot read ${path}, ${reasonOf(error)}`)
    }
    const accept = (dtype: IdxArray['dtype'], shape: readonly number[]) => {
      const found = `[${shape.join(', ')}] of ${dtype}`
      if (dtype !== 'uint8' || shape.length !== rank)
        failFormat(op, `${path} holds ${found}, and uint8 of rank ${rank} was expected`, other)
      if (shape.includes(0)) failFormat(op, `${path} holds ${found}: there are no images in it`, other)
    }
    const raw = await rawFile(op, file, UNPACKED, ({ type, shape }) => accept(type.dtype, shape))
    const idx = parse(op, path, raw)
    accept(idx.dtype, idx.shape)
    return { path, idx }
  }
  failFormat(
    op,
    `${nameOf(paths.join(dir, name))} is missing, with and without .gz`,
    'download MNIST with downloadMnist(dir) or --download',
  )
}

async function readSplit(dir: string, images: string, labels: string): Promise<Digits> {
  const pictures = await readOne(dir, images, 3)
  const answers = await readOne(dir, labels, 1)
  const [count, rows, cols] = pictures.idx.shape
  if (answers.idx.shape[0] !== count) {
    failFormat(
      'loadMnist',
      `${pictures.path} has ${count} images and ${answers.path} has ${answers.idx.shape[0]} labels`,
      'take both from the same source',
    )
  }
  const data = answers.idx.data as Uint8Array // dtype was checked in readOne
  const wrong = data.findIndex((label) => label > 9)
  if (wrong >= 0)
    failFormat('loadMnist', `${answers.path} has label ${data[wrong]} at index ${wrong}`, 'labels are 0 to 9')
  return {
    images: pictures.idx.data as Uint8Array,
    labels: data,
    count,
    rows,
    cols,
    classes: 10,
    source: `MNIST, ${dir}`,
  }
}

/** As loadMnist of mnist.ts. */
export async function readMnist(dir: string): Promise<{ train: Digits; test: Digits }> {
  const train = await readSplit(dir, mnistFiles[0], mnistFiles[1])
  const test = await readSplit(dir, mnistFiles[2], mnistFiles[3])
  if (train.rows !== test.rows || train.cols !== test.cols) {
    const sizes = `${train.rows} × ${train.cols} pixels and test images ${test.rows} × ${test.cols}`
    failFormat('loadMnist', `training images have ${sizes}`, 'take all four files from the same source')
  }
  return { train, test }
}
