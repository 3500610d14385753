package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bankgraph/db/dbtest"
	"bankgraph/files/filestest"
	"bankgraph/files/transfer"
)

// hurried is a second server for the files of a door, with times and seats of its own, behind the times of the real one.
func (d *door) hurried(t *testing.T, o transfer.Options) (address func(up upload) string) {
	t.Helper()
	o.Verbs, o.Log, o.Telemetry = d.verbs, slog.New(slog.DiscardHandler), d.watch
	server := httptest.NewUnstartedServer(d.watch.Handler(transfer.Handler(o)))
	usual := newServer(nil, slog.New(slog.DiscardHandler))
	server.Config.ReadTimeout, server.Config.WriteTimeout = usual.ReadTimeout, usual.WriteTimeout
	if o.Times.Pause > 0 { // shorter than any file of these tests needs
		server.Config.ReadTimeout, server.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	}
	server.Start()
	t.Cleanup(server.Close)
	return func(up upload) string { return strings.Replace(up.url, d.url, server.URL, 1) }
}

// dripping is a content that comes in parts with pauses, until it was given up.
func dripping(content []byte, parts int, pause time.Duration) (body io.Reader, giveUp func()) {
	reader, writer := io.Pipe()
	go func() {
		for part := range parts {
			if _, err := writer.Write(content[part*len(content)/parts : (part+1)*len(content)/parts]); err != nil {
				return
			}
			<-time.After(pause)
		}
		_ = writer.Close()
	}()
	return reader, func() { _ = reader.Close() }
}

func TestAnUploadOnASlowLineIsNotCutOff(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	address := d.hurried(t, transfer.Options{Times: transfer.Times{Whole: time.Minute, Pause: 20 * time.Second, Grace: time.Second}})
	up := d.newUpload(t)
	content := filestest.PNG(200_000)
	body, _ := dripping(content, 10, 50*time.Millisecond) // five times what the server allows other requests
	if sent := d.put(t, address(up), body); sent.status != 200 {
		t.Errorf("%d %s", sent.status, sent.body)
	}
}

func TestAnUploadThatStandsStillEnds(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	for what, times := range map[string]transfer.Times{
		"it stands still":    {Whole: time.Minute, Pause: 300 * time.Millisecond, Grace: time.Second},
		"it takes too long":  {Whole: 500 * time.Millisecond, Pause: 400 * time.Millisecond, Grace: time.Second},
		"it begins and ends": {Whole: 300 * time.Millisecond, Pause: time.Minute, Grace: time.Second},
	} {
		address := d.hurried(t, transfer.Options{Times: times})
		up := d.newUpload(t)
		pause := 30 * time.Second
		if what == "it takes too long" {
			pause = 20 * time.Millisecond
		}
		body, giveUp := dripping(filestest.PNG(1_000_000), 1000, pause)
		sent := d.put(t, address(up), body)
		giveUp()
		if sent.status != http.StatusRequestTimeout || !strings.Contains(sent.body, `"code":"TIMEOUT"`) || !strings.Contains(sent.body, `"retryable":true`) {
			t.Errorf("%s: %d %s", what, sent.status, sent.body)
		}
		if left := filestest.Kept(t, d.files); len(left) != 0 {
			t.Errorf("%s: %v", what, left)
		}
	}
}

func TestSlowUploadsLeaveSeatsToOthers(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	address := d.hurried(t, transfer.Options{Seats: transfer.Seats{All: 3, Each: 2}})
	ups := []upload{d.newUpload(t), d.newUpload(t), d.newUpload(t)}
	var all sync.WaitGroup
	var ends []func()
	for _, up := range ups[:2] {
		body, giveUp := dripping(filestest.PNG(100_000), 2, time.Hour)
		ends = append(ends, giveUp)
		all.Go(func() {
			request, _ := http.NewRequest(http.MethodPut, address(up), body)
			if response, err := http.DefaultClient.Do(request); err == nil {
				response.Body.Close()
			}
		})
	}
	waitFor(t, "two uploads run", func() bool { return d.count(t, "kyc_file_attempt") == 2 })
	full := d.put(t, address(ups[2]), bytes.NewReader(filestest.PNG(0)))
	if full.status != http.StatusServiceUnavailable || full.header.Get("Retry-After") == "" || !strings.Contains(full.body, "UPSTREAM_UNAVAILABLE") {
		t.Errorf("%d %s", full.status, full.body)
	}
	// Another user has a seat.
	answer := d.ask("demo-admin", `mutation ($input: CreateKycFileInput!) { createKycFile(input: $input) { ... on CreateKycFileSuccess { kycFile { id } upload { url } } } }`,
		map[string]any{"input": map[string]any{"bankId": "gh.29.uk", "customerId": fileCustomer}})
	if sent := d.put(t, address(d.uploadIn(t, answer, "createKycFile")), bytes.NewReader(filestest.PNG(0))); sent.status != 200 {
		t.Errorf("%d %s", sent.status, sent.body)
	}
	for _, end := range ends {
		end()
	}
	all.Wait()
	waitFor(t, "the seats are free", func() bool {
		return d.put(t, address(ups[2]), bytes.NewReader(filestest.PNG(0))).status != http.StatusServiceUnavailable
	})
}

func TestSlowDownloadsOfOneLeaveSeatsToOthers(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	address := d.hurried(t, transfer.Options{Seats: transfer.Seats{All: 3, Each: 2}})
	ups := []upload{d.newUpload(t), d.newUpload(t), d.newUpload(t)}
	for _, up := range ups { // more than what lies between a server and a client who takes nothing
		if sent := d.put(t, up.url, bytes.NewReader(filestest.PNG(16<<20))); sent.status != 200 {
			t.Fatal(sent.body)
		}
	}
	link := func(user string, up upload) string {
		return address(upload{url: d.url + d.file(t, user, up.id).Download.URL})
	}
	var slow []*http.Response
	for _, up := range ups[:2] { // of two files
		response, err := http.Get(link("demo-officer", up))
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatal(response, err)
		}
		slow = append(slow, response)
	}
	if full := get(t, link("demo-officer", ups[2])); full.status != http.StatusServiceUnavailable || full.header.Get("Retry-After") == "" {
		t.Errorf("%d", full.status)
	}
	if other := get(t, link("demo-admin", ups[0])); other.status != http.StatusOK {
		t.Errorf("another user of the same file: %d %s", other.status, other.body)
	}
	for _, response := range slow {
		response.Body.Close()
	}
	waitFor(t, "the seats are free", func() bool { return get(t, link("demo-officer", ups[2])).status == http.StatusOK })
}

func TestAServerThatStopsEndsUploadsWithAWord(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	draining := make(chan struct{})
	address := d.hurried(t, transfer.Options{Draining: draining, Times: transfer.Times{Whole: time.Minute, Pause: time.Minute, Grace: time.Second}})
	slow, quick, late := d.newUpload(t), d.newUpload(t), d.newUpload(t)
	var all sync.WaitGroup
	all.Go(func() {
		body, giveUp := dripping(filestest.PNG(100_000), 2, time.Minute)
		defer giveUp()
		if sent := d.put(t, address(slow), body); sent.status != http.StatusServiceUnavailable || !strings.Contains(sent.body, "The server stops") {
			t.Errorf("one that would not end: %d %s", sent.status, sent.body)
		}
	})
	body, rest := io.Pipe()
	all.Go(func() {
		if sent := d.put(t, address(quick), body); sent.status != 200 {
			t.Errorf("one that is almost done: %d %s", sent.status, sent.body)
		}
	})
	content := filestest.PNG(100_000)
	_, _ = rest.Write(content[:50_000])
	waitFor(t, "both run", func() bool { return d.count(t, "kyc_file_attempt") == 2 })
	close(draining)
	_, _ = rest.Write(content[50_000:])
	_ = rest.Close()
	if sent := d.put(t, address(late), bytes.NewReader(content)); sent.status != http.StatusServiceUnavailable {
		t.Errorf("one that comes late: %d %s", sent.status, sent.body)
	}
	all.Wait()
}
