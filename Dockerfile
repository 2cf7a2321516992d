FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
# The console is built here, and the server put into a few files that start fast.
RUN npm ci && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 CENTANG_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json /app/package-lock.json /app/bundle.ts ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/src ./src
COPY --from=build /app/simulator ./simulator
COPY --from=build /app/console/dist ./console/dist
RUN ln -s /app/src/cli/main.js /usr/local/bin/centang && mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself gets the signals, so that it can drain.
CMD ["node", "--max-semi-space-size=16", "--expose-gc", "src/cli/main.js", "serve"]
