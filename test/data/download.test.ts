/** @file Downloads of any file: checked, kept in a cache, gone on with after a cut, from mirrors, within a folder. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DownloadProgress, download } from '../../src/data/index.ts'

let dir = ''
let cache: string | undefined
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'handgrad-download-'))
  cache = process.env['HANDGRAD_CACHE']
  process.env['HANDGRAD_CACHE'] = join(dir, 'cache')
})
afterAll(async () => {
  await rm(dir, { recursive: true })
  delete process.env['HANDGRAD_CACHE']
  if (cache !== undefined) process.env['HANDGRAD_CACHE'] = cache
})

const bytes = new Uint8Array(300_000).map((_, i) => (i * 7919) % 251)
const sumOf = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const sha256 = sumOf(bytes)

async function serving<T>(answer: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
}

async function said(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
      .replaceAll(dir, 'DIR')
      .replaceAll('\\', '/')
      .replaceAll(/http:\/\/127.0.0.1:\d+\//g, 'URL/')
      .replaceAll(/\b[0-9a-f]{64}\b/g, 'SHA')
  }
  return 'nothing was thrown'
}

/** A server that knows ranges; it cuts the connection after `cuts[i]` bytes of the i-th answer. */
function ranged(asked: (string | undefined)[], cuts: readonly number[] = []): RequestListener {
  return (request, response) => {
    const { range } = request.headers
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
    const cut = cuts[asked.length]
    asked.push(range)
    const body = bytes.subarray(from)
    const headers: Record<string, string | number> = { 'content-length': body.length }
    if (from > 0) headers['content-range'] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
    response.writeHead(from > 0 ? 206 : 200, headers)
    if (cut === undefined) response.end(body)
    else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 200))
  }
}

describe('download', () => {
  it('keeps a file by its checksum, and fetches it once', async () => {
    const asked: (string | undefined)[] = []
    await serving(ranged(asked), async (url) => {
      const seen: DownloadProgress[] = []
      const path = await download(`${url}data/file%20one.bin?key=1`, {
        sha256,
        onProgress: (now) => void seen.push(now),
      })
      expect([dirname(path), basename(path)]).toEqual([join(dir, 'cache'), `${sha256.slice(0, 12)}-file_one.bin`])
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
      expect(seen.at(-1)).toEqual({ file: 'file_one.bin', received: bytes.length, total: bytes.length })
      expect(await download(`${url}data/file%20one.bin`, { sha256: sha256.toUpperCase() })).toBe(path)
      expect(asked.length).toBe(1)
      // Damaged, it is fetched again.
      await writeFile(path, 'damaged')
      await download(`${url}data/file%20one.bin`, { sha256 })
      expect([asked.length, await readdir(dirname(path))]).toEqual([2, [basename(path)]])
      const own = await download(`${url}x`, { sha256, folder: join(dir, 'own', 'deep'), name: 'mine.bin' })
      expect(own).toBe(join(dir, 'own', 'deep', 'mine.bin'))
    })
  })

  it('goes on where a connection was cut, in one call and in the next', async () => {
    const folder = join(dir, 'cut')
    const asked: (string | undefined)[] = []
    const path = await serving(ranged(asked, [100_000, 50_000]), (url) => download(`${url}f`, { sha256, folder }))
    expect(asked).toEqual([undefined, 'bytes=100000-', 'bytes=150000-'])
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
    expect(await readdir(folder)).toEqual(['f'])

    await rm(path)
    asked.length = 0
    const cuts = [10_000, 10_000, 10_000]
    const text = await serving(ranged(asked, cuts), (url) => said(() => download(`${url}f`, { sha256, folder })))
    expect(text).toBe(
      'HandgradError: download: cannot fetch URL/f, the connection was cut (give { mirrors }, or copy the file there yourself)',
    )
    expect([await readdir(folder), (await readFile(join(folder, '.f.part'))).length]).toEqual([['.f.part'], 30_000])
    asked.length = 0
    await serving(ranged(asked), (url) => download(`${url}f`, { sha256, folder }))
    expect([asked, await readdir(folder)]).toEqual([['bytes=30000-'], ['f']])
  })

  it('is fetched once by two at a time, and the second sees how far the first is', async () => {
    const folder = join(dir, 'two')
    const asked: (string | undefined)[] = []
    const slow: RequestListener = (request, response) => {
      asked.push(request.headers.range)
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 50_000), () => setTimeout(() => response.end(bytes.subarray(50_000)), 700))
    }
    const seen: number[] = []
    const paths = await serving(slow, async (url) => {
      const first = download(`${url}f`, { sha256, folder })
      while (!existsSync(join(folder, '.f.part'))) await pause(5)
      expect((await readdir(folder)).sort()).toEqual(['.f.lock', '.f.part'])
      const onProgress = ({ received }: DownloadProgress) => void seen.push(received)
      return Promise.all([first, download(`${url}f`, { sha256, folder, onProgress })])
    })
    expect([asked, paths]).toEqual([[undefined], [join(folder, 'f'), join(folder, 'f')]])
    expect(seen).toContain(50_000)
    expect(await readdir(folder)).toEqual(['f'])
  })

  it('is gone on with by the second where the first fails', async () => {
    const folder = join(dir, 'fails')
    const asked: (string | undefined)[] = []
    const path = await serving(ranged(asked, [10_000, 10_000, 10_000]), async (url) => {
      const first = said(() => download(`${url}f`, { sha256, folder }))
      while (!existsSync(join(folder, '.f.part'))) await pause(5)
      const second = download(`${url}f`, { sha256, folder })
      expect(await first).toMatch(/the connection was cut/)
      return second
    })
    expect(asked).toEqual([undefined, 'bytes=10000-', 'bytes=20000-', 'bytes=30000-'])
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
    expect(await readdir(folder)).toEqual(['f'])
  })

  it('is taken over from a program that ended, and from one that says nothing any more', async () => {
    const folder = join(dir, 'over')
    await mkdir(folder)
    const lock = join(folder, '.f.lock')
    const ended = spawnSync(process.execPath, ['--version']).pid
    await writeFile(lock, `${hostname()} ${ended}`)
    await serving(ranged([]), (url) => download(`${url}f`, { sha256, folder }))
    await rm(join(folder, 'f'))
    await writeFile(lock, 'elsewhere 1')
    const minute = Date.now() / 1000 - 60
    await utimes(lock, minute, minute)
    await serving(ranged([]), (url) => download(`${url}f`, { sha256, folder }))
    expect(await readdir(folder)).toEqual(['f'])
  })

  it('begins anew where what came before is of another file, or the server knows no ranges', async () => {
    const folder = join(dir, 'anew')
    const asked: (string | undefined)[] = []
    await serving(ranged(asked), async (url) => {
      await download(`${url}f`, { sha256, folder })
      await rm(join(folder, 'f'))
      await writeFile(join(folder, '.f.part'), new Uint8Array(1000))
      asked.length = 0
      await download(`${url}f`, { sha256, folder })
      expect(asked).toEqual(['bytes=1000-', undefined])
      // All of it came before, and only its name is missing.
      await rm(join(folder, 'f'))
      await writeFile(join(folder, '.f.part'), bytes)
      asked.length = 0
      await download(`${url}f`, { sha256, folder })
      expect([asked, await readdir(folder)]).toEqual([[], ['f']])
    })
    for (const status of [200, 416]) {
      await rm(join(folder, 'f'))
      await writeFile(join(folder, '.f.part'), new Uint8Array(1000))
      const plain: RequestListener = (request, response) => {
        if (request.headers.range && status === 416) response.writeHead(416).end()
        else response.end(bytes)
      }
      const path = await serving(plain, (url) => download(`${url}f`, { sha256, folder }))
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
    }
  })

  it('takes the next mirror where one fails', async () => {
    const asked: (string | undefined)[] = []
    await serving(
      (_, response) => response.writeHead(503).end(),
      async (bad) =>
        serving(ranged(asked), async (good) => {
          const path = await download(`${bad}f`, {
            sha256,
            folder: join(dir, 'mirrors'),
            mirrors: [`${bad}g`, `${good}h`],
          })
          expect([basename(path), asked.length]).toEqual(['f', 1])
        }),
    )
  })

  it('shows a bar where that is asked for', async () => {
    const written: string[] = []
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0)
    try {
      await serving(ranged([]), (url) => download(`${url}f`, { sha256, folder: join(dir, 'bar'), progress: true }))
    } finally {
      spy.mockRestore()
    }
    expect(written.join('')).toMatch(/f .*100%.*0\.3 MB of 0\.3 MB/s)
  })

  it('writes nowhere but in its folder, whatever a server or a URL says', async () => {
    await serving(ranged([]), async (url) => {
      const folder = join(dir, 'within')
      for (const way of ['..%2f..%2fevil', '%2e%2e%5cevil', '.%00evil', '...', '%2fetc%2fpasswd', 'a:b', ''])
        expect(dirname(await download(`${url}${way}`, { sha256, folder }))).toBe(folder)
      expect((await readdir(folder)).sort()).toEqual(['_.._evil', '_etc_passwd', '_evil', 'a_b', 'file'].sort())
    })
  })

  it('says what is wrong', async () => {
    const folder = join(dir, 'wrong')
    const attempt = (answer: RequestListener, options: object = {}) =>
      serving(answer, (url) => said(() => download(`${url}f`, { sha256, folder, ...options })))
    const bad = (url: unknown, options: object | undefined = { sha256 }) =>
      said(() => (download as (...given: unknown[]) => unknown)(url, options))
    const blocked = join(dir, 'blocked')
    await writeFile(blocked, '')
    const texts = [
      await attempt((_, response) => response.writeHead(404).end()),
      await attempt((_, response) => response.end('other')),
      await attempt(ranged([]), { limit: 1000 }),
      await attempt((_, response) => void response.writeHead(200).end(bytes), { limit: 1000 }),
      await attempt(() => undefined, { timeout: 50 }),
      await attempt(ranged([]), { folder: blocked }),
      await bad('file:///etc/passwd'),
      await bad('https://me:secret@ho st/?key=secret'),
      await bad(undefined),
      await bad('https://host/', {}),
      await bad('https://host/', { sha256: 'abc' }),
      await bad('https://host/', { sha256, name: '../x' }),
      await bad('https://host/', { sha256, name: '..' }),
      await bad('https://host/', { sha256, mirrors: 'https://host/' }),
      await bad('https://host/', { sha256, mirrors: ['nowhere'] }),
      await bad('https://host/', { sha256, progress: 'yes' }),
      await bad('https://host/', { sha265: sha256 }),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: download: URL/f answered 404 Not Found (give { mirrors }, or copy the file there yourself)",
        "FormatError: download: URL/f is not the file expected, it has SHA-256 SHA, not SHA (give { mirrors }, or copy the file there yourself)",
        "HandgradError: download: URL/f sends more than 1000 bytes (give { mirrors }, or copy the file there yourself)",
        "HandgradError: download: URL/f sends more than 1000 bytes (give { mirrors }, or copy the file there yourself)",
        "HandgradError: download: URL/f sent nothing for 50 ms (give { mirrors }, or copy the file there yourself)",
        "HandgradError: download: cannot make DIR/blocked, a file of that name is there (check that its folder exists, has room and may be written)",
        "HandgradError: download: the URL is 'file:///etc/passwd' (give a URL that begins with https:// or http://)",
        "HandgradError: download: the URL is 'https://…@ho st/?…' (give a URL that begins with https:// or http://)",
        "HandgradError: download: the URL is undefined (give a URL as text)",
        "HandgradError: download: sha256 is undefined (give the 64 hexadecimal digits of its SHA-256)",
        "HandgradError: download: sha256 is 'abc' (give the 64 hexadecimal digits of its SHA-256)",
        "HandgradError: download: name is '../x' (give the name of a file, without a folder)",
        "HandgradError: download: name is '..' (give the name of a file, without a folder)",
        "HandgradError: download: mirrors is 'https://host/' (give a list of URLs)",
        "HandgradError: download: mirror 0 is 'nowhere' (give a URL that begins with https:// or http://)",
        "HandgradError: download: progress is 'yes' (give true or false)",
        "HandgradError: download: there is no option sha265 (did you mean sha256? it takes { sha256, size, replace, mirrors, folder, name, limit, onProgress, progress, timeout })",
      ]
    `)
    expect(await readdir(folder)).toEqual([])
  })
})
