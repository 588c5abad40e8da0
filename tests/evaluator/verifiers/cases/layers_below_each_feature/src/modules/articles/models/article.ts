export interface Article { slug: string }
