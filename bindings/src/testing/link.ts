import { type Arrived, type Network, Pipe } from "./pipe.js";

/** The callbacks of the network at one end of a connection. */
export interface End {
  /** A message has arrived. */
  message(content: Arrived): void;
  /** A close frame has arrived; 1005 is one without a code. */
  closeFrame(code: number, reason: string): void;
  /** The connection has ended without a close frame. */
  lost(): void;
}

/** The end of the client. */
export interface ClientEnd extends End {
  /** The server has accepted the connection. */
  opened(protocol: string): void;
  /** There is no connection. */
  failed(): void;
}

/** An attempt of a client. */
export interface Request {
  readonly url: string;
  readonly protocols: readonly string[];
}

/** A connection, or an attempt: the network between a client and the server. */
export class Link {
  readonly client: ClientEnd;
  /** Undefined until the server has accepted the connection. */
  server: End | undefined;
  /** From the client to the server. */
  readonly up: Pipe;
  /** From the server to the client. */
  readonly down: Pipe;

  constructor(network: Network, client: ClientEnd) {
    this.client = client;
    this.up = new Pipe(network);
    this.down = new Pipe(network);
  }

  silence(): void {
    this.up.isSilent = this.down.isSilent = true;
  }

  resume(): void {
    this.up.isSilent = this.down.isSilent = false;
    this.up.resume();
    this.down.resume();
  }

  /** Ends the connection without a close frame, and reports that to one end. */
  cut(reportTo: "client" | "server"): void {
    this.up.cut();
    this.down.cut();
    if (reportTo === "client") this.down.push(() => this.client.lost());
    else this.up.push(() => this.server?.lost());
  }
}
