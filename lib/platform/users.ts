/** What a user of this machine is called. */

/** `user "bob" (1000)`, or his number alone where no name is known. */
export function userInWords(uid: number, read = readPasswd): string {
  const line = read().split("\n").find((it) => it.split(":")[2] === `${uid}`);
  const name = line?.split(":")[0] ?? "";
  return /^[A-Za-z0-9._-]+$/.test(name)
    ? `user "${name}" (${uid})`
    : `user ${uid}`;
}

/** It serves words alone, so whatever keeps it from us is no fault. */
function readPasswd(): string {
  try {
    return Deno.readTextFileSync("/etc/passwd");
  } catch {
    return "";
  }
}
