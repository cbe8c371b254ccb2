import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemJson } from '../contract/problem-document.ts';
import { PROBLEMS, type ProblemCode } from '../contract/problems.ts';
import { PROBLEM_TYPE } from './answer.ts';
import type { RequestIds } from './request-id.ts';

/** How long a refused sender may go on sending before the connection is cut. */
const LINGER_MS = 1_000;

/** A socket as Node's HTTP server keeps it: with the answer that is being written on it, if any. */
type HttpSocket = Socket & {
  readonly _httpMessage?: {
    readonly headersSent: boolean;
    readonly req?: { readonly url?: string };
  } | null;
};

/**
 * Answers what never became a request: broken HTTP, headers without end, a sender that is too slow.
 *
 * @param requestIds  gives the problem its id, as every answer has one
 */
export function answerConnectionError(
  error: NodeJS.ErrnoException,
  socket: HttpSocket,
  requestIds: RequestIds,
): void {
  // Within an answer there is no room for another; a connection that said nothing needs none.
  const isAnswering = socket._httpMessage?.headersSent === true;
  if (!socket.writable || isAnswering || socket.bytesRead === 0 || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const requestId = requestIds.next();
  const code = problemOf(error.code);
  const detail = code === 'invalid-request' ? { detail: 'This is not HTTP.' } : {};
  const body = problemJson({ code, ...detail }, pathOf(socket), requestId);
  const { status } = PROBLEMS[code];
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      `Content-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Cutting at once, with something of it unread, would take the answer away from the sender too.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** The path of the request whose body went wrong; before there is a request, nobody knows it. */
function pathOf({ _httpMessage: answer }: HttpSocket): string {
  return answer?.req?.url?.split('?', 1)[0] ?? '/';
}

function problemOf(code: string | undefined): ProblemCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers-too-large';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'payload-too-large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request-timeout';
    case undefined:
    default:
      return 'invalid-request';
  }
}
