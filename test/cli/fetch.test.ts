/** @file `handgrad fetch`: a model's files from a server that cuts, changes, lies or knows no ranges. */
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { fetchFiles, fetchModel, type Model } from '../../src/cli/fetch.ts'

const config = new TextEncoder().encode('{"model_type":"gpt2"}')
const weights = new Uint8Array(300_000).map((_, i) => (i * 7919) % 251)
const sumOf = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const model: Model = {
  repository: 'someone/tiny',
  revision: 'abc',
  files: [
    ['config.json', config.length, sumOf(config)],
    ['model.safetensors', weights.length, sumOf(weights)],
  ],
}

let [dir, hub] = ['', '']
let asked: string[] = []
let answer: RequestListener
let written = ''
const server = createServer((request, response) => {
  const { range, 'if-range': tag } = request.headers
  asked.push([request.url?.split('/').at(-1), range, tag].filter(Boolean).join(' '))
  if (request.url?.endsWith('config.json')) response.end(config)
  else answer(request, response)
})
beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => (written += String(text)).length > 0)
})
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'handgrad-fetch-'))
  asked = []
  written = ''
  return () => rm(dir, { recursive: true })
})
afterAll(async () => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

/** A server that knows ranges. @param cut  bytes after which it hangs up, by the number of the request */
const ranged =
  (cut: (i: number) => number = () => Infinity, tag = '"one"', body = weights): RequestListener =>
  ({ headers }, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
    const isSame = !headers['if-range'] || headers['if-range'] === tag
    const begin = isSame ? from : 0
    const part = body.subarray(begin)
    const range = { 'content-range': `bytes ${begin}-${body.length - 1}/${body.length}` }
    response.writeHead(begin > 0 ? 206 : 200, { 'content-length': part.length, etag: tag, ...(begin > 0 && range) })
    const most = cut(asked.length)
    if (part.length <= most) response.end(part)
    else response.write(part.subarray(0, most), () => setTimeout(() => response.destroy(), 200))
  }

const said = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'nothing was thrown',
    (error: Error) =>
      `${error.name}: ${error.message}`
        .replaceAll(dir, 'DIR')
        .replaceAll(hub, 'HUB')
        .replaceAll(/\b[0-9a-f]{64}\b/g, (sum) => `SHA ${sum.slice(0, 6)}`),
  )
const fetched = () => said(fetchModel(model, dir, `${hub}/`))
const isWhole = async () => {
  expect((await readdir(dir)).sort()).toEqual(['config.json', 'model.safetensors'])
  expect(Buffer.compare(await readFile(join(dir, 'model.safetensors')), weights)).toBe(0)
}

it('fetches what is not there, with a bar, and nothing a second time', async () => {
  answer = ranged()
  expect(await fetched()).toBe('nothing was thrown')
  await isWhole()
  expect(asked).toEqual(['config.json', 'model.safetensors'])
  expect(written).toMatch(/model.safetensors .*100%.*0\.3 MB of 0\.3 MB/s)
  expect(await fetched()).toBe('nothing was thrown')
  expect(asked.length).toBe(2)
})

it('goes on after a cut connection, in this call and in the next, if the file is the same', async () => {
  answer = ranged((i) => [Infinity, 100_000, 50_000][i - 1] ?? Infinity)
  expect(await fetched()).toBe('nothing was thrown')
  expect(asked.slice(1)).toEqual([
    'model.safetensors',
    'model.safetensors bytes=100000- "one"',
    'model.safetensors bytes=150000- "one"',
  ])
  await isWhole()

  await rm(join(dir, 'model.safetensors'))
  answer = ranged(() => 10_000)
  expect(await fetched()).toMatch(/cannot fetch HUB.*, the connection was cut \(give --hub/)
  expect((await readdir(dir)).sort()).toEqual([
    '.model.safetensors.part',
    '.model.safetensors.part.etag',
    'config.json',
  ])
  asked = []
  answer = ranged()
  expect(await fetched()).toBe('nothing was thrown')
  expect(asked).toEqual(['model.safetensors bytes=30000- "one"'])
  await isWhole()
})

it('begins anew where the ETag is another, whether the server or we see it', async () => {
  const cut = async () => {
    await rm(join(dir, 'model.safetensors'), { force: true })
    answer = ranged(() => 10_000, '"old"', weights.toReversed())
    expect(await fetched()).toMatch(/the connection was cut/)
    asked = []
  }
  await cut()
  answer = ranged(undefined, '"new"')
  expect(await fetched()).toBe('nothing was thrown')
  expect(asked).toEqual(['model.safetensors bytes=30000- "old"'])
  await isWhole()
  await cut()
  // One that does not know If-Range.
  answer = (request, response) =>
    ranged(undefined, '"new"')(Object.assign(request, { headers: { range: request.headers.range } }), response)
  expect(await fetched()).toBe('nothing was thrown')
  expect(asked).toEqual(['model.safetensors bytes=30000- "old"', 'model.safetensors'])
  await isWhole()
  await cut()
  answer = (_, response) => response.writeHead(200).end(weights)
  expect(await fetched()).toBe('nothing was thrown')
  expect(asked.length).toBe(1)
  await isWhole()
})

it('keeps a query of the server behind the path', async () => {
  const urls: (string | undefined)[] = []
  answer = (request, response) => {
    urls.push(request.url)
    response.end(weights)
  }
  await writeFile(join(dir, 'config.json'), config)
  expect(await said(fetchModel(model, dir, `${hub}/mirror/?key=1`))).toBe('nothing was thrown')
  expect(urls).toEqual(['/mirror/someone/tiny/resolve/abc/model.safetensors?key=1'])
})

it('keeps what came where the server is away for a moment', async () => {
  answer = ranged(() => 10_000)
  await fetched()
  answer = (_, response) => response.writeHead(503).end()
  expect(await fetched()).toMatch(/answered 503 Service Unavailable/)
  expect((await readFile(join(dir, '.model.safetensors.part'))).length).toBe(30_000)
})

it('says both where a file is another one, and goes no further', async () => {
  const files = async () => (await readdir(dir)).sort()
  const [other, shorter] = [weights.toReversed(), weights.subarray(1)]
  answer = (_, response) => response.end(other)
  const texts = [await fetched()]
  expect(await files()).toEqual(['config.json'])
  answer = ranged(undefined, '"one"', shorter)
  texts.push(await fetched())
  answer = (_, response) => response.writeHead(200).end(shorter)
  texts.push(await fetched())
  // It does not say how much it sends.
  answer = (_, response) => void response.write(weights, () => response.end(weights))
  texts.push(await fetched())
  expect(await files()).toEqual(['config.json'])
  answer = (_, response) => response.writeHead(404).end()
  texts.push(await fetched())
  await writeFile(join(dir, 'model.safetensors'), 'mine')
  texts.push(await fetched())
  expect(await readFile(join(dir, 'model.safetensors'), 'utf8')).toBe('mine')
  asked = []
  await writeFile(join(dir, 'config.json'), '{}')
  texts.push(await fetched())
  expect(asked).toEqual([])
  expect(texts).toMatchInlineSnapshot(`
    [
      "FormatError: fetch: HUB/someone/tiny/resolve/abc/model.safetensors is not the file expected, it has SHA-256 SHA ce3fde, not SHA 8c2d8a (give --hub, the URL of a mirror, or copy the file there yourself)",
      "FormatError: fetch: HUB/someone/tiny/resolve/abc/model.safetensors is not the file expected, it has 299999 bytes, not 300000 (give --hub, the URL of a mirror, or copy the file there yourself)",
      "FormatError: fetch: HUB/someone/tiny/resolve/abc/model.safetensors sent 299999 bytes, not 300000 (give --hub, the URL of a mirror, or copy the file there yourself)",
      "HandgradError: fetch: HUB/someone/tiny/resolve/abc/model.safetensors sends more than 300000 bytes (give --hub, the URL of a mirror, or copy the file there yourself)",
      "HandgradError: fetch: HUB/someone/tiny/resolve/abc/model.safetensors answered 404 Not Found (give --hub, the URL of a mirror, or copy the file there yourself)",
      "FormatError: fetch: DIR/model.safetensors is another file, it has SHA-256 SHA 3fd305, not SHA 8c2d8a (remove it, or give another folder)",
      "FormatError: fetch: DIR/config.json is another file, it has SHA-256 SHA 44136f, not SHA f32935 (remove it, or give another folder)",
    ]
  `)
})

it('is a command with a table of its own', async () => {
  const endpoint = process.env['HF_ENDPOINT']
  const texts = [
    await said(fetchFiles([])),
    await said(fetchFiles(['gtp2', '--to', dir])),
    await said(fetchFiles(['gpt2'])),
    await said(fetchFiles(['gpt2', '--to', dir, '--hub', 'file:///etc'])),
    await said(fetchFiles(['gpt2', '--to', dir, '--hub', hub])),
  ]
  expect(texts).toMatchInlineSnapshot(`
    [
      "HandgradError: fetch: which model? (handgrad fetch gpt2 --to gpt2; there are gpt2)",
      "HandgradError: fetch: there is no model 'gtp2' (did you mean gpt2?)",
      "HandgradError: fetch: where to? (handgrad fetch gpt2 --to DIR)",
      "HandgradError: fetch: the hub is 'file:///etc' (give a URL that begins with https:// or http://)",
      "FormatError: fetch: HUB/openai-community/gpt2/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e/config.json is not the file expected, it has 21 bytes, not 665 (give --hub, the URL of a mirror, or copy the file there yourself)",
    ]
  `)
  try {
    process.env['HF_ENDPOINT'] = hub
    expect(await said(fetchFiles(['gpt2', '--to', join(dir, 'deep')]))).toBe(texts.at(-1))
  } finally {
    delete process.env['HF_ENDPOINT']
    if (endpoint !== undefined) process.env['HF_ENDPOINT'] = endpoint
  }
})
