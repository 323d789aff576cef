/** @file Tensors behind a URL: by ranges, and from servers that cut, change, lie, or know no ranges. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { io } from '../../src/index.ts'

const float32 = (count: number, from: number) =>
  ({ dtype: 'float32', shape: [count], data: Float32Array.from({ length: count }, (_, i) => from + i) }) as const
const weights = { a: float32(50_000, 0), b: float32(3, 7), c: float32(40_000, 1) }
const bytes = io.encodeSafetensors(weights)
const begin = bytes.length - 4 * 90_003

/** What is asked of the server, and how it answers. */
let asked: string[] = []
let answer: RequestListener
const server = createServer((request, response) => {
  asked.push([request.url, request.headers.range, request.headers['if-range']].filter(Boolean).join(' '))
  answer(request, response)
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
  answer = ranged()
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

const rangeOf = ({ headers }: IncomingMessage): [number, number] => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')?.map(Number) ?? []
  return [from, to]
}
/** A server that knows ranges. @param change  of the headers it sends @param cut  bytes after which it hangs up */
const ranged =
  (
    change: Record<string, string | undefined> = {},
    cut: (i: number) => number = () => Infinity,
    all = bytes,
  ): RequestListener =>
  (request, response) => {
    const [from, to] = rangeOf(request)
    const body = all.subarray(from, to + 1)
    const headers = {
      'content-range': `bytes ${from}-${from + body.length - 1}/${all.length}`,
      'content-length': String(body.length),
      etag: '"one"',
      ...change,
    }
    const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
    response.writeHead(206, Object.fromEntries(sent))
    const most = cut(asked.length)
    if (body.length <= most) response.end(body)
    else response.write(body.subarray(0, most), () => setTimeout(() => response.destroy(), 10))
  }
const whole: RequestListener = (_, response) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes)

const said = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message}`.replaceAll(url, 'URL'),
  )
async function read(file: io.SafetensorsFile): Promise<string[]> {
  const names: string[] = []
  for await (const [name, x] of file) {
    const { data } = weights[name as keyof typeof weights]
    expect(Buffer.compare(new Uint8Array((await x.data()).buffer), new Uint8Array(data.buffer)), name).toBe(0)
    names.push(name)
  }
  return names
}

describe('a URL', () => {
  it('is asked for the header, for a tensor, for rows, or once for all that follows', async () => {
    const file = await io.openSafetensors(`${url}/w.safetensors?key=secret`)
    expect(asked.splice(0)).toEqual(['/w.safetensors?key=secret bytes=0-65535'])
    expect(await (await file.tensor('c', { rows: [10, 12] })).array()).toEqual([11, 12])
    const c = begin + 4 * 50_003
    expect(asked.splice(0)).toEqual([`/w.safetensors?key=secret bytes=${c + 40}-${c + 47} "one"`])
    expect(await read(file)).toEqual(['a', 'b', 'c'])
    expect(asked.splice(0)).toEqual([`/w.safetensors?key=secret bytes=${begin}-${bytes.length - 1} "one"`])
    expect((await file.tensor('a')).shape).toEqual([50_000])
    expect(asked.length).toBe(1)
    // A reader that has enough lets the rest be.
    for await (const [name] of file) if (name === 'a') break
    expect(await read(file)).toEqual(['a', 'b', 'c'])
  })

  it('of an index leads to its files, and to no others', async () => {
    const files: Record<string, Uint8Array<ArrayBuffer>> = {
      '/m/1 of 2.safetensors': io.encodeSafetensors({ a: weights.a }),
      '/m/2.safetensors': io.encodeSafetensors({ b: weights.b, c: weights.c }),
    }
    const map = { a: '1 of 2.safetensors', b: '2.safetensors', c: '2.safetensors' }
    let index = JSON.stringify({ weight_map: map })
    answer = (request, response) => {
      const path = decodeURI(request.url ?? '')
      if (path.endsWith('.json')) response.end(index)
      else if (files[path]) ranged({}, undefined, files[path])(request, response)
      else response.writeHead(404).end()
    }
    expect(await read(await io.openSafetensors(new URL(`${url}/m/i.safetensors.index.json`)))).toEqual(['a', 'b', 'c'])
    // A folder, which has an index or one file.
    files['/m/model.safetensors'] = bytes
    const isNamed = answer
    for (const parts of [true, false]) {
      answer = (request, response) =>
        parts || !request.url?.endsWith('.json') ? isNamed(request, response) : response.writeHead(404).end()
      const { tensors } = await io.openSafetensors(`${url}/m/`)
      const file = `URL/m/${parts ? '2' : 'model'}.safetensors`
      expect(tensors['b'].file.replaceAll(url, 'URL')).toBe(file)
    }
    answer = (_, response) => response.writeHead(404).end()
    expect(await said(io.openSafetensors(`${url}/m/`))).toMatch(/URL\/m\/model.safetensors answered 404/)
    answer = isNamed
    index = JSON.stringify({ weight_map: { a: '../secret.safetensors' } })
    expect(await said(io.openSafetensors(`${url}/m/i.json`))).toMatch(/which is not a name of a safetensors file/)
    index = JSON.stringify({ weight_map: { a: '3.safetensors' } })
    expect(await said(io.openSafetensors(`${url}/m/i.json`))).toBe(
      'HandgradError: openSafetensors: URL/m/3.safetensors answered 404 Not Found',
    )
    index = `"${'x'.repeat(2 ** 20)}"`
    expect(await said(io.openSafetensors(`${url}/m/i.json`))).toMatch(/has more than 1048576 bytes/)
  })

  it('is gone on with where a connection was cut', async () => {
    const cuts = [Infinity, 100_000, 0, 70_000, Infinity]
    answer = ranged({}, (i) => cuts[i - 1] ?? 0)
    const file = await io.openSafetensors(`${url}/w`)
    asked.length = 0
    cuts.shift()
    expect(await read(file)).toEqual(['a', 'b', 'c'])
    // What came behind the header is used, too.
    const ends = asked.map((text) => Number(/bytes=(\d+)/.exec(text)?.[1]) - 65_536)
    expect(ends).toEqual([0, 100_000, 100_000, 170_000])
    answer = ranged({}, () => 10)
    expect(await said(file.tensor('a'))).toBe(
      'HandgradError: SafetensorsFile.tensor: cannot fetch URL/w, the connection was cut',
    )
    answer = ranged()
    expect((await file.tensor('b')).shape).toEqual([3])
  })

  it('whose server falls silent is asked again, then given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      // Nothing at all, or not what the header announces.
      for (const begun of [false, true])
        for (const path of ['w', 'i.json']) {
          asked = []
          answer = (request, response) => {
            const [from = 0, to = 65_535] = rangeOf(request)
            const headers = { 'content-range': `bytes ${from}-${to}/${bytes.length}`, 'content-length': to + 1 - from }
            if (begun) response.writeHead(path === 'w' ? 206 : 200, headers).write('x')
            // Until its first byte is there, and the next is waited for.
            let turns = 0
            const later = () => (++turns < 50 ? setImmediate(later) : vi.advanceTimersByTime(30_000))
            later()
          }
          expect(await said(io.openSafetensors(`${url}/${path}`))).toBe(
            `HandgradError: openSafetensors: cannot fetch URL/${path}, it sent nothing for 30000 ms`,
          )
          expect(asked.length).toBe(path === 'w' ? 3 : 1)
        }
    } finally {
      vi.useRealTimers()
    }
  })

  it('of a server that knows no ranges is read once, in order', async () => {
    answer = whole
    const file = await io.openSafetensors(`${url}/w`)
    expect(await (await file.tensor('b')).array()).toEqual([7, 8, 9])
    expect(await said(file.tensor('a'))).toBe(
      `HandgradError: SafetensorsFile.tensor: URL/w: its server knows no ranges, and byte ${begin} was read past ` +
        '(read in order, or serve it by a server that knows ranges, or download it)',
    )
    expect(await (await file.tensor('c', { rows: [39_999, 40_000] })).array()).toEqual([40_000])
    expect(asked.length).toBe(1)
    expect(await read(await io.openSafetensors(`${url.replace('http', 'HTTP')}/w`))).toEqual(['a', 'b', 'c'])
    expect(asked.length).toBe(2)
    const loaded = await io.loadSafetensors(`${url}/w`)
    expect([Object.keys(loaded), asked.length]).toEqual([['a', 'b', 'c'], 3])
  })

  it('is let go after an error, too', async () => {
    const wrong = io.encodeSafetensors({
      a: { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) },
      c: weights.c,
    })
    // 0.1 as an integer does not fit int32.
    wrong.set(new TextEncoder().encode('I64'), Buffer.from(wrong).indexOf('F64'))
    const closed = new Promise((closed) => {
      answer = (_, response) => {
        response.on('close', () => closed('closed'))
        const headers = { 'content-range': `bytes 0-65535/${wrong.length}`, 'content-length': 65_536 }
        response.writeHead(206, headers).write(wrong.subarray(0, 1000))
      }
    })
    expect(await said(io.loadSafetensors(`${url}/w`))).toMatch(/tensor "a" has \d+ at element 0/)
    const late = new Promise((late) => setTimeout(() => late('still open'), 2000))
    expect(await Promise.race([closed, late])).toBe('closed')
  })

  it('that changes while it is read is refused, however the server says it', async () => {
    const text = 'HandgradError: SafetensorsFile.tensor: URL/w was changed since it was opened (open it again)'
    for (const changed of [whole, ranged({ etag: '"two"' }), ranged({}, undefined, new Uint8Array(bytes.length + 4))]) {
      answer = ranged()
      const file = await io.openSafetensors(`${url}/w`)
      answer = changed
      expect(await said(file.tensor('c'))).toBe(text)
    }
  })

  it('that answers what it was not asked is refused', async () => {
    const closed = 'http://127.0.0.1:9/w'
    const attempt = (listener: RequestListener) => {
      answer = listener
      return said(io.openSafetensors(`${url}/w`))
    }
    const texts = [
      await attempt((_, response) => response.writeHead(404).end()),
      await attempt(ranged({ 'content-range': undefined })),
      await attempt(ranged({ 'content-range': 'bytes 1-65536/360500' })),
      await attempt(ranged({ 'content-range': 'bytes 0-99999/360500' })),
      await attempt(ranged({ 'content-range': 'bytes 0-65535/*' })),
      await attempt(ranged({ 'content-encoding': 'identity' })),
      await attempt((_, response) => response.writeHead(200).end(bytes)),
      await attempt((_, response) => response.writeHead(200, { 'content-length': 0 }).end()),
      await attempt((_, response) => response.writeHead(200, { 'content-length': 12 }).end('<!doctype ht')),
      await said(io.openSafetensors(closed)),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: openSafetensors: URL/w answered 404 Not Found",
        "HandgradError: openSafetensors: URL/w: the part has no Content-Range (a server of another origin shows it by Access-Control-Expose-Headers: Content-Range, ETag)",
        "FormatError: openSafetensors: URL/w: asked for bytes 0 to 65536, it sent 'bytes 1-65536/360500' (serve it by a server that knows ranges, or download it)",
        "FormatError: openSafetensors: URL/w: asked for bytes 0 to 65536, it sent 'bytes 0-99999/360500' (serve it by a server that knows ranges, or download it)",
        "FormatError: openSafetensors: URL/w: asked for bytes 0 to 65536, it sent 'bytes 0-65535/*' (serve it by a server that knows ranges, or download it)",
        "FormatError: openSafetensors: URL/w: the part is compressed (serve it by a server that knows ranges, or download it)",
        "HandgradError: openSafetensors: URL/w: its server knows no ranges and does not say its length (serve it by a server that knows ranges, or download it)",
        "FormatError: openSafetensors: URL/w: the file has 0 bytes and not the 8 of a header length (is it a safetensors file, and is it whole?)",
        "FormatError: openSafetensors: URL/w: the header claims 8104636974849335000 bytes, more than the 8388608 that are read (is it a safetensors file, and is it whole?)",
        "HandgradError: openSafetensors: cannot fetch http://127.0.0.1:9/w, bad port",
      ]
    `)
  })
})
