import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Auth } from './auth.ts';
import { createClaimRoute } from './claim-route.ts';
import { answerConnectionError } from './connection-errors.ts';
import { EventStreams } from './event-streams.ts';
import { HttpMetrics } from './http-metrics.ts';
import type { HttpLog, HttpParts } from './http-parts.ts';
import { createRedemptionRoute } from './redemption-route.ts';
import { RequestIds } from './request-id.ts';
import { defineRoutes, refuseUnroutable } from './routes.ts';

export interface HttpServerOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly auth: Auth;
  readonly log: HttpLog;
  /** How often a quiet event stream says that it is still there. */
  readonly heartbeatMs?: number;
  /** How long a request may take to arrive as a whole. */
  readonly requestTimeoutMs?: number;
  /** How long closing waits for answers that are under way. */
  readonly closeGraceMs?: number;
}

/** The HTTP API on Node's own server. */
export interface HttpServer {
  readonly server: Server;
  /** Begins to listen; gives the address with the port that was really taken. */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
  /** Takes no more connections, finishes what is under way, ends the streams. */
  close(): Promise<void>;
}

const HEARTBEAT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 8_000;
const TIMEOUTS_CHECKED_EVERY_MS = 1_000;
/** Longer than the idle time of common load balancers, so that they close first and not we. */
const KEEP_ALIVE_MS = 72_000;
const HEADERS_MAX_BYTES = 16 * 1024;
const BACKLOG = 4_096;
const CLOSE_GRACE_MS = 10_000;
const CLOSE_IDLE_EVERY_MS = 50;
/** A user's id of 128 characters, all of them escaped. */
const PARAM_LENGTH_MAX = 384;

/** Puts the HTTP layer together; it does not listen yet. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const requestIds = new RequestIds();
  const closing = { hasBegun: false };
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const parts: HttpParts = {
    engine: options.engine,
    clock: options.clock,
    auth: options.auth,
    log: options.log,
    metrics: new HttpMetrics(),
    requestIds,
    closing,
  };
  const { log } = options;
  const streams = new EventStreams({ events: options.engine.events, heartbeatMs, log });
  const app = createRouter(parts, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  defineRoutes(app, parts, streams);
  const { server } = app;
  const sockets = trackSockets(server);
  const graceMs = options.closeGraceMs ?? CLOSE_GRACE_MS;
  return {
    server,
    listen: async ({ host, port }) => {
      await app.ready();
      return listen(server, host, port);
    },
    close: async () => {
      closing.hasBegun = true;
      streams.close();
      await closeServer(server, sockets, graceMs);
      await app.close();
    },
  };
}

function createRouter(parts: HttpParts, requestTimeoutMs: number): FastifyInstance {
  const claims = createClaimRoute(parts);
  const redemptions = createRedemptionRoute(parts);
  return Fastify({
    logger: false,
    exposeHeadRoutes: true,
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    frameworkErrors: (error, request, reply) => refuseUnroutable(error, request, reply, parts),
    clientErrorHandler: (error, socket) => {
      answerConnectionError(error, socket, parts.requestIds);
    },
    serverFactory: (route) =>
      createServer(
        {
          requestTimeout: requestTimeoutMs,
          headersTimeout: requestTimeoutMs,
          connectionsCheckingInterval: Math.min(TIMEOUTS_CHECKED_EVERY_MS, requestTimeoutMs),
          keepAliveTimeout: KEEP_ALIVE_MS,
          maxHeaderSize: HEADERS_MAX_BYTES,
          // Refused by us, with a problem.
          requireHostHeader: false,
        },
        (request: IncomingMessage, response: ServerResponse) => {
          if (claims.take(request, response) || redemptions.take(request, response)) return;
          route(request, response);
        },
      ),
  });
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      const taken = (server.address() as AddressInfo).port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`);
    });
  });
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Node closes connections that are idle now; those that become idle or never spoke are for us. */
async function closeServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  const grace = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
}
