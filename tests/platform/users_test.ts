import { assertEquals } from "@std/assert";
import { userInWords } from "../../lib/platform/users.ts";

Deno.test("userInWords() names a user where the machine knows a plain name", () => {
  const read = () =>
    "root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n" +
    "\x1b[2J:x:1001:1001::/:/bin/sh\n";
  assertEquals(userInWords(0, read), 'user "root" (0)');
  assertEquals(userInWords(1000, read), 'user "bob" (1000)');
  assertEquals(userInWords(100, read), "user 100");
  assertEquals(userInWords(1001, read), "user 1001");
  assertEquals(userInWords(7, () => ""), "user 7");
});
