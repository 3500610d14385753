package graph

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"

	"bankgraph/models"
)

// Origins are the sites whose pages may ask, such as https://dashboard.example.com. The server's own site always may.
// Without any, no page of another site gets an answer, nor is anything done for it.
type Origins []string

// Check says what is wrong with the list: a wildcard would let in every site, and a path is never sent.
func (o Origins) Check() error {
	for _, origin := range o {
		address, err := url.Parse(origin)
		if err != nil || address.Host == "" || origin != address.Scheme+"://"+address.Host || strings.Contains(origin, "*") ||
			address.Scheme != "https" && address.Scheme != "http" || origin != strings.ToLower(origin) {
			return errors.New("an allowed origin should look like https://dashboard.example.com, without a path and without wildcards")
		}
	}
	return nil
}

// handler lets pages of the allowed sites ask, and read answers (CORS).
func (o Origins) handler(next http.Handler) http.Handler {
	return o.letting(next, []string{http.MethodGet, http.MethodPost},
		[]string{"Authorization", "Content-Type", "Accept", "Last-Event-ID", "X-Request-Id", "traceparent", "tracestate"},
		[]string{"Retry-After", "X-Request-Id"})
}

// Files lets pages of the allowed sites send and read files by their links. Those of others are not refused: a link is known to nobody who
// was not given it, and they cannot read the answer.
func (o Origins) Files(next http.Handler) http.Handler {
	return numbered(inert(o.letting(next, []string{http.MethodGet, http.MethodPut},
		[]string{"Content-Type", "Content-Digest", "Digest", "Range", "If-Range", "X-Request-Id", "traceparent", "tracestate"},
		[]string{"Retry-After", "X-Request-Id", "Content-Disposition", "Content-Range", "ETag", "Repr-Digest"})))
}

func (o Origins) letting(next http.Handler, methods, headers, exposed []string) http.Handler {
	if len(o) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: o,
		AllowedMethods: methods,
		AllowedHeaders: headers,
		ExposedHeaders: exposed,
		// Tokens are in a header that a page sets itself; cookies are not looked at.
		AllowCredentials: false,
		MaxAge:           600,
	}).Handler(next)
}

// allow says whether a request comes from no page, from a page of this site, or from one of an allowed site. Browsers say so
// in Sec-Fetch-Site, which no page can set; older ones in Origin, for all but plain GETs.
func (o Origins) allow(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin != "" && slices.Contains(o, origin) {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		address, err := url.Parse(origin)
		return origin == "" || err == nil && address.Host != "" && strings.EqualFold(address.Host, r.Host)
	}
	return false
}

// allowSocket says the same of a request for a WebSocket, to which no browser puts a question first and whose answers every
// page may read. All browsers send Origin with it, so that is what counts, whatever else the request says.
func (o Origins) allowSocket(r *http.Request) bool {
	named := r.Header.Values("Origin")
	if len(named) == 0 {
		return true // no browser
	}
	if len(named) > 1 || slices.Contains(o, named[0]) {
		return len(named) == 1
	}
	address, err := url.Parse(named[0])
	if err != nil || address.Host == "" || !strings.EqualFold(address.Host, r.Host) {
		return false
	}
	// Behind a proxy that ends TLS the scheme of our own address is not known.
	return address.Scheme == "https" || address.Scheme == "http" && r.TLS == nil
}

// patterns are the same sites for the library that accepts WebSockets, whose patterns give brackets a meaning.
func (o Origins) patterns() []string {
	patterns := make([]string, len(o))
	for i, origin := range o {
		patterns[i] = strings.NewReplacer("[", `\[`, "]", `\]`).Replace(origin)
	}
	return patterns
}

// guarded refuses what pages of other sites send: a browser sends many a request without asking first, and tells the
// page only afterwards that it may not read the answer.
func (o Origins) guarded(gate presenter, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.allow(r) {
			gate.refuse(w, r, refused(http.StatusForbidden, models.BadInput, "Pages of this site may not ask: the server does not name it among its allowed origins."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// inert are the headers of every answer: it is personal, so no cache may keep it, and it is data, so no browser may
// show, frame or run it.
func inert(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Cache-Control":                "no-store",
			"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy":              "no-referrer",
			"X-Content-Type-Options":       "nosniff",
		} {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}
