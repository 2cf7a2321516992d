import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import type { Tool } from './debian-tool.ts'
import { temporaryFolder, untilListening } from './processes.ts'

export interface ReverseProxy {
  stop(): Promise<void>
}

export interface Ways {
  /** Where the world asks: `http://127.0.0.1:<port>/otp`. */
  readonly from: URL
  readonly toPort: number
}

/** One that takes the path off and knows nothing else: `/otp` itself is answered in place. */
export async function startPlainProxy({ from, toPort }: Ways): Promise<ReverseProxy> {
  const server = createServer((asked, answered) => {
    const url = asked.url ?? ''
    if (url !== from.pathname && !url.startsWith(`${from.pathname}/`)) {
      answered.writeHead(404).end('nothing here')
      return
    }
    const path = url.slice(from.pathname.length) || '/'
    const onwards = request({ port: toPort, method: asked.method, path, headers: asked.headers }, (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(answered)
    })
    onwards.on('error', () => answered.writeHead(502).end())
    asked.pipe(onwards)
  })
  server.listen(Number(from.port), '127.0.0.1')
  await once(server, 'listening')
  return {
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** nginx, with the lines of the production guide. */
export async function startNginx(tool: Tool, { from, toPort }: Ways): Promise<ReverseProxy> {
  const folder = temporaryFolder(0o777)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${folder};`)
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; ${process.getuid?.() === 0 ? 'user nobody nogroup;' : ''} pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off; ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${from.port};
    location ${from.pathname}/ {
      proxy_pass http://127.0.0.1:${toPort}/;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout 1h;
    }
  }
}
`,
  )
  const child = spawn(tool.path, ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    env: { ...tool.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  await untilListening(Number(from.port), child)
  return {
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
