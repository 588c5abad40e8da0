import { SignJWT } from 'jose';

export class Tokens {
  constructor(private readonly secret: string) {}

  make(id: string): Promise<string> {
    return new SignJWT({ id }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(this.secret));
  }
}
