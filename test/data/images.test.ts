/** @file Images: PNG equals Pillow's pixels, folders by class are data sets and read nothing outside of themselves. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataLoader, decodeImage, type Image, imageFolder } from '../../src/data/index.ts'
import { encodePng } from '../../src/report/png.ts'
import { chunk, png } from '../support/png.ts'
import { said } from '../support/said.ts'
import '../../src/methods.ts'

interface Reference {
  name: string
  depth: number
  colour: number
  png: string
  rgba: string
}
const references = JSON.parse(
  await readFile(new URL('../reference/data/png.json', import.meta.url), 'utf8'),
) as readonly Reference[]

/** RGBA of 8 bits, cut as Pillow cuts 16. */
function rgba({ width, height, channels, data }: Image): Uint8Array {
  const shift = data instanceof Uint16Array ? 8 : 0
  const out = new Uint8Array(4 * width * height).fill(255)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = data[i * channels + (channels > 2 ? c : 0)] >> shift
    if (channels % 2 === 0) out[4 * i + 3] = data[i * channels + channels - 1] >> shift
  }
  return out
}

describe('PNG', () => {
  it('has the pixels that Pillow reads, in every colour type, depth, filter and interlacing', async () => {
    const found = []
    for (const { name, png } of references) {
      const image = await decodeImage(Buffer.from(png, 'base64'))
      found.push([name, Buffer.from(rgba(image)).toString('base64')])
    }
    expect(found).toEqual(references.map(({ name, rgba }) => [name, rgba]))
    expect(new Set(references.map(({ depth, colour }) => `${depth} ${colour}`)).size).toBe(15)
  })

  it('keeps 16 bits, and has as many channels as are asked for', async () => {
    const deep = png({ width: 2, height: 1, depth: 16, colour: 0 }, [0, 0x12, 0x34, 0xff, 0xff])
    expect(await decodeImage(deep)).toEqual({ width: 2, height: 1, channels: 1, data: Uint16Array.of(0x1234, 0xffff) })
    const grey = await decodeImage(deep, { channels: 4 })
    expect([...grey.data]).toEqual([18, 18, 18, 255, 255, 255, 255, 255])
    const colours = png({ width: 3, height: 1, depth: 8, colour: 6 }, [0, 255, 0, 0, 10, 0, 255, 0, 20, 0, 0, 255, 30])
    expect([...(await decodeImage(colours, { channels: 1 })).data]).toEqual([76, 150, 29])
    expect([...(await decodeImage(colours, { channels: 3 })).data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255])
    expect((await decodeImage(new Blob([colours]))).channels).toBe(4)
    const ink = Uint8Array.from({ length: 35 }, (_, i) => 7 * i)
    expect((await decodeImage(await encodePng({ width: 7, height: 5, channels: 1, data: ink }))).data).toEqual(ink)
  })

  it('says what is wrong with a file', async () => {
    const head = { width: 2, height: 2, depth: 8, colour: 0 }
    const good = png(head, [0, 1, 2, 0, 3, 4])
    const bad = (change: object, data = [0, 1, 2, 0, 3, 4]) => png({ ...head, ...change }, data)
    const flipped = Uint8Array.from(good)
    flipped[45] ^= 1
    const files = [
      good.subarray(0, 5),
      good.subarray(0, 30),
      good.subarray(0, good.length - 12),
      flipped,
      bad({ width: 0 }),
      bad({ width: 2 ** 31 }),
      bad({ depth: 3 }),
      bad({ colour: 5 }),
      bad({ interlace: 2 }),
      bad({ width: 40_000, height: 40_000 }),
      bad({ width: 4000, height: 4000 }),
      bad({ height: 3 }),
      bad({ height: 1 }),
      bad({}, [9, 1, 2, 0, 3, 4]),
      bad({ colour: 3 }),
      bad({ colour: 3, extra: [chunk('PLTE', [1, 2, 3])] }),
      bad({ colour: 3, extra: [chunk('PLTE', [1, 2])] }),
      bad({ extra: [chunk('tRNS', [1])] }),
      bad({ extra: [chunk('IHDR', [1])] }),
      bad({ extra: [chunk('ABCD', [1])] }),
      bad({ extra: [chunk('a%cd', [1])] }),
      bad({ packed: Buffer.from('no deflate') }),
      bad({ packed: deflateSync(Buffer.from([0, 1, 2, 0, 3, 4])).subarray(0, 9) }),
      Buffer.from('GIF89a'),
      new Uint8Array(0),
      Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
    ]
    const texts: string[] = []
    for (const file of files)
      texts.push((await said(() => decodeImage(file, { name: 'x.png' }))).replace('decodeImage: x.png', '…'))
    texts.push(await said(() => decodeImage(good, { limit: 3 })))
    // @ts-expect-error two channels are none of the choices
    texts.push(await said(() => decodeImage(good, { channels: 2 })))
    expect(texts).toMatchInlineSnapshot(`
      [
        "FormatError: …: it is neither PNG nor JPEG (convert it to PNG)",
        "FormatError: …: the chunk at byte 8 claims 13 bytes, more than there are (is it whole?)",
        "FormatError: …: it is cut off after 59 bytes (is it whole?)",
        "FormatError: …: chunk IDAT at byte 33 does not have its checksum (it is damaged)",
        "FormatError: …: it claims 0 × 2 pixels",
        "FormatError: …: it claims 2147483648 × 2 pixels",
        "FormatError: …: it has colour type 0 with 3 bits",
        "FormatError: …: it has colour type 5 with 8 bits",
        "FormatError: …: it has compression 0, filter 0 and interlace 2",
        "FormatError: …: it claims 40000 × 40000 pixels, 1600000000 bytes, more than the 268435456 that are unpacked (give { limit } if that is right)",
        "FormatError: …: it claims 4000 × 4000 pixels, more than 14 packed bytes can hold",
        "FormatError: …: its pixels unpack to 6 bytes, and it claims 9",
        "FormatError: …: its pixels unpack to more than the 3 bytes that it claims",
        "FormatError: …: row 0 has filter 9, and there are 0 to 4",
        "FormatError: …: the palette is missing",
        "FormatError: …: row 0, column 0 has colour 1, which the palette lacks",
        "FormatError: …: the palette has 2 bytes",
        "FormatError: …: 1 bytes of transparency do not fit colour type 0",
        "FormatError: …: chunk IHDR is at byte 33 (one IHDR comes first)",
        "FormatError: …: chunk ABCD is needed to read it, and unknown",
        "FormatError: …: there is no chunk at byte 33 (is it whole?)",
        "FormatError: …: its pixels are damaged or cut off, after 0 unpacked bytes",
        "FormatError: …: its pixels are damaged or cut off, after 6 unpacked bytes",
        "FormatError: …: it is neither PNG nor JPEG (convert it to PNG)",
        "FormatError: …: it is neither PNG nor JPEG (convert it to PNG)",
        "HandgradError: …: there is nothing here that decodes JPEG (convert it to PNG, or read it in a browser)",
        "FormatError: decodeImage: the data has more than 3 bytes (give { limit } if that is right)",
        "HandgradError: decodeImage: channels is 2 (use 1 (grey), 3 (RGB) or 4 (RGBA))",
      ]
    `)
  })
})

describe('folders of images', () => {
  let dir = ''
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'handgrad-images-'))
  })
  afterAll(() => rm(dir, { recursive: true }))
  const image = (value: number) => encodePng({ width: 3, height: 2, channels: 1, data: new Uint8Array(6).fill(value) })
  /** dog/a.png, dog/more/b.png, cat/c.png and other files. */
  const folder = async (name: string) => {
    const root = join(dir, name)
    await mkdir(join(root, 'dog', 'more'), { recursive: true })
    await mkdir(join(root, 'cat'))
    await writeFile(join(root, 'dog', 'a.png'), await image(255))
    await writeFile(join(root, 'dog', 'more', 'b.PNG'), await image(51))
    await writeFile(join(root, 'cat', 'c.png'), await image(0))
    await writeFile(join(root, 'cat', 'notes.txt'), 'none')
    await writeFile(join(root, '.hidden'), '')
    await writeFile(join(root, 'readme.md'), '')
    return root
  }

  it('are data sets of pixels and classes, read when they are asked for', async () => {
    const data = await imageFolder(await folder('plain'), { channels: 1 })
    expect([data.length, data.classes, [...data.labels]]).toEqual([3, ['cat', 'dog'], [0, 1, 1]])
    const seen = []
    for await (const [x, y] of new DataLoader(data, { batchSize: 2, prefetch: 1 }))
      seen.push([x.shape, x.dtype, (await x.data())[0], y.dtype, await y.array(), (await x.mean().item()).toFixed(3)])
    expect(seen).toEqual([
      [[2, 1, 2, 3], 'float32', 0, 'int32', [0, 1], '0.500'],
      [[1, 1, 2, 3], 'float32', Math.fround(0.2), 'int32', [1], '0.200'],
    ])
    const [pixels] = await (await imageFolder(join(dir, 'plain'), { size: [2, 3] })).get(1)
    expect([pixels.shape, pixels.data.length]).toEqual([[3, 2, 3], 18])
  })

  it('follow links within themselves, and refuse those that lead out, then and later', async () => {
    const root = await folder('links')
    const secret = join(dir, 'secret.png')
    await writeFile(secret, await image(9))
    await symlink(join(root, 'dog', 'a.png'), join(root, 'cat', 'd.png'))
    expect((await imageFolder(root)).length).toBe(4)
    await symlink(secret, join(root, 'cat', 'e.png'))
    const out = (text: string) => text.replaceAll(dir, 'DIR').replaceAll('\\', '/')
    const texts = [out(await said(() => imageFolder(root)))]
    await rm(join(root, 'cat', 'e.png'))
    const data = await imageFolder(root)
    await rm(join(root, 'cat', 'c.png'))
    await symlink(secret, join(root, 'cat', 'c.png'))
    texts.push(out(await said(() => data.get(0))))
    await rm(join(root, 'cat', 'c.png'))
    await symlink(dir, join(root, 'up'), 'junction')
    texts.push(out(await said(() => imageFolder(root))))
    await rm(join(root, 'up'))
    await symlink(join(root, 'dog'), join(root, 'dog', 'more', 'again'), 'junction')
    texts.push(out(await said(() => imageFolder(root))))
    expect(texts).toMatchInlineSnapshot(`
      [
        "FormatError: imageFolder: DIR/links/cat/e.png leads out of the folder, to DIR/secret.png (copy it there)",
        "FormatError: imageFolder: DIR/links/cat/c.png leads out of the folder, to DIR/secret.png (copy it there)",
        "FormatError: imageFolder: DIR/links/up leads out of the folder, to DIR (copy it there)",
        "FormatError: imageFolder: DIR/links/dog/more/again is a link to a folder that it is in (take it away)",
      ]
    `)
  })

  it('say what is wrong', async () => {
    const root = await folder('wrong')
    const out = (text: string) => text.replaceAll(dir, 'DIR').replaceAll('\\', '/')
    const texts = [out(await said(async () => (await imageFolder(root, { size: [3, 2] })).get(0)))]
    await writeFile(join(root, 'cat', 'c.png'), 'no image')
    texts.push(out(await said(async () => (await imageFolder(root)).get(0))))
    await rm(join(root, 'cat', 'c.png'))
    texts.push(out(await said(() => imageFolder(root))))
    texts.push(out(await said(() => imageFolder(join(root, 'cat')))))
    texts.push(out(await said(() => imageFolder(join(root, 'none')))))
    // @ts-expect-error one number
    texts.push(out(await said(() => imageFolder(root, { size: 28 }))))
    await cp(join(root, 'dog'), join(root, 'cat'), { recursive: true })
    texts.push(out(await said(async () => (await imageFolder(root)).get(9))))
    expect(texts).toMatchInlineSnapshot(`
      [
        "FormatError: imageFolder: DIR/wrong/cat/c.png is 2 × 3, and images are to be 3 × 2",
        "FormatError: imageFolder: DIR/wrong/cat/c.png: it is neither PNG nor JPEG (convert it to PNG)",
        "FormatError: imageFolder: DIR/wrong/cat has no images (PNG files, or JPEG in browsers)",
        "FormatError: imageFolder: DIR/wrong/cat has no folders of images (one for each class)",
        "HandgradError: imageFolder: cannot read DIR/wrong/none, it does not exist",
        "HandgradError: imageFolder: size is 28 (give [height, width])",
        "HandgradError: ImageFolder.get: index 9 is outside 0 to 3 (the data set has 4 samples)",
      ]
    `)
  })
})
