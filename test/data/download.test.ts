import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checksum, downloadFile } from '../../src/data/download.ts'

const CONTENT = Buffer.from("no it was n't black monday \n".repeat(1000))
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')

let folder: string
let path: string
const servers: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rnnlm-download-'))
  path = join(folder, 'text.txt')
})
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(folder, { recursive: true })
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function serve(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(answer))}/text.txt`
}

async function expectFailure(url: string, reason: string, timeout?: number): Promise<void> {
  const error: Error = await downloadFile({ url, path, sha256: SHA256, timeout }).catch((error) => error)
  expect(error).toBeInstanceOf(Error)
  expect(error.message).toContain(`cannot download ${url}: `)
  expect(error.message).toContain(reason)
  expect(readdirSync(folder)).toEqual([])
}

test('checksum is the SHA-256 of FIPS 180-4', () => {
  expect(checksum(Buffer.from('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

describe('downloadFile', () => {
  test('returns and writes the whole file, in a folder that it makes', async () => {
    const url = await serve((_, response) => response.end(CONTENT))
    path = join(folder, 'new', 'folder', 'text.txt')
    expect(await downloadFile({ url, path, sha256: SHA256 })).toEqual(CONTENT)
    expect(readFileSync(path)).toEqual(CONTENT)
    expect(readdirSync(join(folder, 'new', 'folder'))).toEqual(['text.txt'])
  })

  test('takes a compressed answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(CONTENT))
    })
    expect(await downloadFile({ url, path, sha256: SHA256 })).toEqual(CONTENT)
  })

  test('waits for a slow server as long as something comes', async () => {
    const url = await serve(async (_, response) => {
      for (let start = 0; start < CONTENT.length; start += 4000) {
        response.write(CONTENT.subarray(start, start + 4000))
        await setTimeout(100)
      }
      response.end()
    })
    expect(await downloadFile({ url, path, sha256: SHA256, timeout: 600 })).toEqual(CONTENT)
  })
})

describe('downloadFile leaves nothing behind and says why after', () => {
  test.each([404, 500, 204, 206])('status %i', async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end())
    await expectFailure(url, `the server answered with status ${status}`)
  })

  test('a redirect', async () => {
    let followed = false
    const url = await serve((request, response) => {
      followed ||= request.url === '/elsewhere'
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    await expectFailure(url, 'status 302 and a redirect to /elsewhere, which is not followed')
    expect(followed).toBe(false)
  })

  test('a wrong checksum', async () => {
    const other = Buffer.from('<html>Log in to the network</html>')
    const url = await serve((_, response) => response.end(other))
    await expectFailure(url, `its SHA-256 is ${checksum(other)}, expected ${SHA256}`)
  })

  test('an answer shorter than announced', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length })
      response.write(CONTENT.subarray(0, 1000), () => response.socket?.end())
    })
    await expectFailure(url, 'other side closed')
  })

  test('a connection that dies in the middle', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200)
      response.write(CONTENT.subarray(0, 1000), () => response.socket?.destroy())
    })
    await expectFailure(url, 'other side closed')
  })

  test('a signal that is aborted before or within the answer', async () => {
    const controller = new AbortController()
    const url = await serve((_, response) => {
      response.write(CONTENT.subarray(0, 1000))
      controller.abort('enough')
    })
    for (const _ of ['within', 'before'])
      await expect(downloadFile({ url, path, sha256: SHA256, signal: controller.signal })).rejects.toBe(
        'enough',
      )
    expect(existsSync(path)).toBe(false)
  })

  test('a connection that stalls before or within the answer', async () => {
    await expectFailure(await serve(() => {}), 'the server sent nothing for 0.1 s', 100)
    const url = await serve((_, response) => response.write(CONTENT.subarray(0, 1000)))
    await expectFailure(url, 'the server sent nothing for 0.1 s', 100)
  })

  test('an answer without end', async () => {
    const block = Buffer.alloc(2 ** 20)
    const url = await serve((_, response) => {
      const send = () => response.write(block, (error) => error || send())
      send()
    })
    await expectFailure(url, 'it is larger than 67108864 bytes')
  })

  test('a compressed answer that is broken', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(CONTENT).subarray(0, 100))
    })
    await expectFailure(url, `expected ${SHA256}`)
  })

  test('no server', async () => {
    const server = createServer()
    const port = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    await expectFailure(`http://127.0.0.1:${port}/text.txt`, 'ECONNREFUSED')
    await expectFailure(`http://localhost:${port}/text.txt`, 'ECONNREFUSED')
  })

  test('a certificate that nobody trusts', async () => {
    const tlsServer = createTlsServer(selfSigned(), (_, response) => response.end(CONTENT))
    const port = await listen(tlsServer as unknown as Server)
    await expectFailure(`https://127.0.0.1:${port}/text.txt`, 'self-signed certificate')
  })

  test('a place that cannot be written', async () => {
    const url = await serve((_, response) => response.end(CONTENT))
    mkdirSync(path)
    await expect(downloadFile({ url, path, sha256: SHA256 })).rejects.toThrow(
      `cannot write ${path}: it is a folder`,
    )
    expect(readdirSync(folder)).toEqual(['text.txt'])
  })

  test.each([
    'http://example.org/text.txt',
    'http://127.0.0.1.example.org/text.txt',
    'http://localhost.example.org/text.txt',
    'file:///etc/hosts',
    'data:text/plain,hello',
    'text.txt',
    '',
  ])('the address %j', async (url) => {
    await expect(downloadFile({ url, path, sha256: SHA256 })).rejects.toThrow(
      new RangeError(
        `downloadFile: url: expected an address that begins with https://, got ${JSON.stringify(url)}`,
      ),
    )
    expect(readdirSync(folder)).toEqual([])
  })
})

/** A fresh key and a certificate that it signs itself (X.509 version 1, ECDSA with SHA-256, years 2000 to 2049). */
function selfSigned(): { key: string; cert: string } {
  const der = (tag: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts)
    const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
    return Buffer.concat([Buffer.from([tag, ...length]), body])
  }
  const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts)
  const time = (text: string) => der(0x17, Buffer.from(text))
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const commonName = sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from('localhost')))
  const name = sequence(der(0x31, commonName))
  const content = sequence(
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    sequence(time('000101000000Z'), time('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = der(0x03, Buffer.of(0), sign('sha256', content, privateKey))
  const certificate = sequence(content, algorithm, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  }
}
