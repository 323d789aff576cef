/** @file For tests in the browser: a server of another origin that sends a safetensors file by ranges. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io } from '../../src/index.ts'

export interface Served {
  /** The file; `/asked` beside it lists the ranges that were asked for, and `?whole` knows none. */
  readonly url: string
  readonly bytes: number
}

export async function servedByRanges(): Promise<Served> {
  const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => i)
  const bytes = io.encodeSafetensors({
    large: { dtype: 'float32', shape: [1000, 100], data: ramp(100_000) },
    small: { dtype: 'float32', shape: [3], data: ramp(3) },
  })
  let asked: string[] = []
  const server = createServer(({ url, headers: { range = '' } }, response) => {
    const shared = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Content-Range, ETag' }
    if (url === '/asked') {
      response.writeHead(200, shared).end(JSON.stringify(asked))
      asked = []
      return
    }
    asked.push(range)
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range)?.map(Number) ?? []
    if (from === undefined || url?.endsWith('?whole'))
      return void response.writeHead(200, { ...shared, 'content-length': bytes.length }).end(bytes)
    const part = bytes.subarray(from, to + 1)
    const found = { 'content-range': `bytes ${from}-${from + part.length - 1}/${bytes.length}`, etag: '"one"' }
    response.writeHead(206, { ...shared, ...found, 'content-length': part.length }).end(part)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  server.unref() // it ends with the tests
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w.safetensors`, bytes: bytes.length }
}
