/** One message of a `text/event-stream`. */
export interface ServerSentEvent {
  /** As it stands after this message; empty if none was ever given. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** No event of this API comes near; a peer that sends more without an end is cut off. */
const PENDING_CHARACTERS_MAX = 4 * 1024 * 1024;

/**
 * Takes a stream apart as the HTML standard says
 * (https://html.spec.whatwg.org/#event-stream-interpretation).
 * Ends when the stream ends; an unfinished last message is dropped.
 */
export async function* readServerSentEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const parser = createParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel();
  }
}

function createParser(): (text: string) => Generator<ServerSentEvent> {
  let pending = '';
  let id = '';
  let type = '';
  let data: string[] = [];
  return function* parse(text) {
    pending += text;
    if (pending.length > PENDING_CHARACTERS_MAX) throw new RangeError('the event is too long');
    // A carriage return at the end may be half of a line end; its other half is still to come.
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0)
          yield { id, type: type === '' ? 'message' : type, data: data.join('\n') };
        type = '';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (name === 'id' && !value.includes('\0')) id = value;
      else if (name === 'event') type = value;
      else if (name === 'data') data.push(value);
    }
  };
}
