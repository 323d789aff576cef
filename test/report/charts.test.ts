/** @file What pages are made of: images as PNG, axes, curves, tables. */
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeImage } from '../../src/data/index.ts'
import { lineChart, matrixChart, tableChart, ticks } from '../../src/report/charts.ts'
import { encodePng, pngAddress } from '../../src/report/png.ts'

test('PNG files hold the pixels given, grey, in colour and with opacity', async () => {
  const grey = { width: 3, height: 2, channels: 1, data: Uint8Array.of(0, 50, 100, 150, 200, 250) }
  const png = Buffer.from(await encodePng(grey))
  expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
  expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([3, 2, 8, 0])
  const length = png.readUInt32BE(33)
  expect([...inflateSync(png.subarray(41, 41 + length))]).toEqual([0, 0, 50, 100, 0, 150, 200, 250])
  // The checksum of an empty IEND is known.
  expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082')
  for (const channels of [1, 3, 4]) {
    const image = { width: 5, height: 7, channels, data: Uint8Array.from({ length: 35 * channels }, (_, i) => 7 * i) }
    expect(await decodeImage(await encodePng(image))).toEqual(image)
  }
  expect(await pngAddress(grey)).toBe(`data:image/png;base64,${png.toString('base64')}`)
})

test('axes have round numbers', () => {
  expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(ticks(93.2, 99.1, 5)).toEqual([94, 96, 98])
  expect(ticks(3, 3, 5).includes(3)).toBe(true)
})

test.each([0.002, -3])('a line that stays at %d has it on its axis', (y) => {
  const line = { name: 'rate', x: [1, 2], y: [y, y], color: 'red' }
  const chart = lineChart([line], { title: '', xLabel: '', yLabel: '' })
  expect([...chart.matchAll(/text-anchor="end">([^<]*)/g)].map(([, text]) => Number(text))).toContain(y)
})

test.each([[[2.31, 2.32, 2.4]], [[0.061, 0.069]], [[1e-5, 1e3]], [[7, 7]]])(
  'a logarithmic axis of %j has numbers to read',
  (y) => {
    const line = { name: 'loss', x: y.map((_, i) => i), y, color: 'red' }
    const chart = lineChart([line], { title: '', xLabel: '', yLabel: '', log: true })
    const [low, high] = [Math.min(...y), Math.max(...y)]
    const shown = [...chart.matchAll(/text-anchor="end">([^<]*)/g)].map(([, text]) => Number(text))
    expect(shown.length).toBeGreaterThan(1)
    for (const v of shown) expect(v).toBeGreaterThan(low / 2)
    for (const v of shown) expect(v).toBeLessThan(high * 2)
  },
)

test('charts leave out what cannot be drawn, and escape what they are given', () => {
  const line = { name: 'a<b', x: [1, 2, 3], y: [1, NaN, 0.1], color: 'red', dots: true }
  const chart = lineChart([line, { ...line, name: 'c' }], {
    title: 'x & y',
    xLabel: 'step',
    yLabel: 'loss',
    log: true,
  })
  expect(chart).toContain('x &#38; y')
  expect(chart).toContain('a&#60;b')
  expect(lineChart([line], { title: 'a\x00\x1b\ufffeb', xLabel: '\ud800', yLabel: '' })).toMatch(
    /^[\n -\ud7ff\ue000-\ufffd]*$/,
  )
  expect(chart).not.toMatch(/NaN|undefined|Infinity/)
  expect(chart.match(/<circle/g)).toHaveLength(4)
  expect(lineChart([{ ...line, y: [NaN, 0, -1] }], { title: 'none', xLabel: '', yLabel: '', log: true })).toBe(
    '<p>none: no finite values</p>',
  )
  expect(
    matrixChart(
      [
        [2, 0],
        [1, 3],
      ],
      ['0', '1'],
    ),
  ).toContain('title="1 of 1 taken for 0 (25.00 %)"')
})

test('matrices and tables name their rows and columns, whatever is in the names', () => {
  const matrix = matrixChart([[2]], ['<cat>'])
  expect(matrix).toContain('<th scope="col"><span>&#60;cat&#62;</span></th>')
  expect(matrix).toContain('<th scope="row"><span>&#60;cat&#62;</span></th>')
  expect(matrix).toContain('title="2 of &#60;cat&#62; taken for &#60;cat&#62; (100.00 %)"')
  expect(tableChart('a "b"', ['<h>'], [['<r>', '<c>']])).toBe(
    '<div class="scrolled " role="region" aria-label="a &#34;b&#34;" tabindex="0"><table class="plain"><thead><tr>' +
      '<th scope="col"><span>&#60;h&#62;</span></th></tr></thead><tbody><tr><th scope="row">&#60;r&#62;</th>' +
      '<td>&#60;c&#62;</td></tr></tbody></table></div>',
  )
})
