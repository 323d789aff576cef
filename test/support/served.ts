/** @file For tests: a server of another origin that sends files by ranges. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Serve files, until the process ends.
 * @param bytesOf  a file by its path; undefined: 404
 * @returns        the server's URL, without `/` at the end; `/asked` lists the ranges that were asked for since it was
 *   asked last, and a path with `?whole` knows none
 */
export async function served(bytesOf: (path: string) => Uint8Array | undefined): Promise<string> {
  let asked: string[] = []
  const server = createServer(({ url = '', headers: { range = '' } }, response) => {
    const shared = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Content-Range, ETag' }
    if (url === '/asked') {
      response.writeHead(200, shared).end(JSON.stringify(asked))
      asked = []
      return
    }
    asked.push(range)
    const bytes = bytesOf(decodeURI(url.replace(/\?.*/, '')))
    if (!bytes) return void response.writeHead(404, shared).end('there is no such file')
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range)?.map(Number) ?? []
    if (from === undefined || url.endsWith('?whole'))
      return void response.writeHead(200, { ...shared, 'content-length': bytes.length }).end(bytes)
    const part = bytes.subarray(from, to + 1)
    const found = { 'content-range': `bytes ${from}-${from + part.length - 1}/${bytes.length}`, etag: '"one"' }
    response.writeHead(206, { ...shared, ...found, 'content-length': part.length }).end(part)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  server.unref() // it ends with the tests
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
