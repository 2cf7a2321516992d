import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// No inline script and nothing from elsewhere: the server's content security policy allows neither.
export default defineConfig({
  plugins: [react()],
  // Files name each other by where they lie themselves, so that all of them may lie under any path.
  base: './',
  build: { outDir: 'dist', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 900 },
  server: {
    proxy: {
      '/v1': 'http://127.0.0.1:3000',
      '/console/config.json': 'http://127.0.0.1:3000',
      '/simulator': 'http://127.0.0.1:3000',
    },
  },
})
