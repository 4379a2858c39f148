/** Tells whether an MQTT topic filter, with `+` and `#`, covers a topic. */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  // Wildcards do not cover the broker's own topics, such as $SYS.
  if (topic.startsWith("$") && /^[+#]/.test(filter)) return false;
  for (const [index, each] of wanted.entries()) {
    if (each === "#") return true;
    if (index >= levels.length) return false;
    if (each !== "+" && each !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}
