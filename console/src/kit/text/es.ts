import type { en } from './en.ts'

export const es: typeof en = {
  reference: 'Referencia de la API',
  language: 'Idioma',
  colors: 'Claro u oscuro',
  skip: 'Ir al contenido',
  key: 'Clave de prueba',
  keyHint: 'Solo se guarda en esta pestaña.',
  loading: 'Cargando',
  noPage: 'Esta página no existe.',
  copy: 'Copiar',
  copied: 'Copiado',
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'llamada', email: 'correo' },
  refusals: {
    recipient_invalid:
      'Esto no es un número de teléfono. Escríbelo con el código de país, por ejemplo +52 55 1234 5678.',
    operator_required: 'Esta clave no puede hacer eso.',
    internal: 'Algo falló en el servidor.',
    credentials_invalid: 'La clave no existe.',
    database_unavailable: 'La base de datos no responde.',
    busy: 'El servidor está ocupado.',
    unreachable: 'El servidor no responde. ¿Está funcionando?',
  },
  retryIn: (wait) => `Inténtalo de nuevo en ${wait}.`,
  retryLater: 'Inténtalo de nuevo en un momento.',
}
