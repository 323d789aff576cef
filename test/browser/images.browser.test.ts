/**
 * @file Images in Chromium: PNG by our own code as in Node, JPEG by the browser, and claims that are refused before.
 */
import { expect, test } from 'vitest'
import { data, FormatError } from '../../src/index.ts'

/** 16 × 8 pixels as Pillow writes them: (200, 40, 90) on the left, (20, 180, 60) on the right. */
const text =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoK' +
  'CgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK' +
  'CgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF' +
  'BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW' +
  'V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi' +
  '4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC' +
  'AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm' +
  'Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq' +
  '8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD53rnP9MD2CvwM/wCbc//Z'
const jpeg = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

test('JPEG is decoded by the browser', async () => {
  const image = await data.decodeImage(new Blob([jpeg]))
  expect([image.width, image.height, image.channels]).toEqual([16, 8, 3])
  const expected = Array.from({ length: 128 }, (_, i) => (i % 16 < 8 ? [200, 40, 90] : [20, 180, 60])).flat()
  // Decoders round in their own ways.
  expect(Math.max(...expected.map((v, i) => Math.abs(v - image.data[i])))).toBeLessThan(6)
  expect((await data.decodeImage(jpeg, { channels: 1 })).data.length).toBe(128)
})

test('JPEG that claims too much, or is cut off, is refused', async () => {
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0)
  const huge = Uint8Array.from(jpeg)
  huge.set([255, 255, 255, 255], frame + 5)
  const wrong = [
    data.decodeImage(huge),
    data.decodeImage(jpeg.slice(0, frame)),
    data.decodeImage(jpeg.slice(0, frame + 30)),
  ]
  for (const refused of wrong) await expect(refused).rejects.toBeInstanceOf(FormatError)
  await expect(wrong[0]).rejects.toThrow('it claims 65535 × 65535 pixels')
})

test('PNG has the pixels that were written', async () => {
  const canvas = new OffscreenCanvas(3, 2)
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
  context.fillStyle = 'rgb(10, 20, 30)'
  context.fillRect(0, 0, 3, 2)
  context.fillStyle = 'rgb(250, 150, 50)'
  context.fillRect(1, 0, 1, 2)
  const image = await data.decodeImage(await canvas.convertToBlob({ type: 'image/png' }), { channels: 3 })
  const row = [10, 20, 30, 250, 150, 50, 10, 20, 30]
  expect([image.width, image.height, [...image.data]]).toEqual([3, 2, [...row, ...row]])
})

test('tables and lines are read of blobs and of responses', async () => {
  const blob = new Blob(['x,y\n1,2\n3,4\n'])
  const rows = []
  for (const source of [blob, new Response(blob).body as ReadableStream<Uint8Array>])
    for await (const row of data.readCsv(source)) rows.push([...row.numbers()])
  expect(rows).toEqual([
    [1, 2],
    [3, 4],
    [1, 2],
    [3, 4],
  ])
  await expect(data.loadText('file.txt')).rejects.toThrow('there is no file system here')
})
