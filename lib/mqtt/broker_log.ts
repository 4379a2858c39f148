/** What the connection to the broker tells its owner: constant text, and properties. */
export interface BrokerLog {
  debug(text: string, properties?: Record<string, unknown>): void;
  info(text: string, properties?: Record<string, unknown>): void;
  warn(text: string, properties?: Record<string, unknown>): void;
}
