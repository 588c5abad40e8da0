import assert from "node:assert/strict";
import { test } from "node:test";
import { rank } from "../../../annotations/editor/src/quick_open";

test("a path with a slash is found whole", () => {
  assert.notEqual(rank("article_service.py app/services/article_service.py", "services/article_service.py"), null);
  assert.notEqual(rank("article_service.py app/services/article_service.py", "app/services/art"), null);
  assert.equal(rank("article_service.py app/services/article_service.py", "app/models/art"), null);
});

test("the name counts more than the folder, letters together more than scattered ones", () => {
  const name = rank("user.py app/user.py", "user")!;
  const folder = rank("main.py user/main.py", "user")!;
  const scattered = rank("u_s_e_r.py app/u_s_e_r.py", "user")!;
  assert.ok(name < folder && folder < scattered);
});
