import jwt from 'jsonwebtoken';

const secret = process.env.JWT_SECRET as string;

export function who(token: string): string {
  jwt.verify(token, secret, { algorithms: ['HS256'] });
  return claims(token).id;
}

function claims(token: string): { id: string } {
  return jwt.decode(token) as { id: string };
}
