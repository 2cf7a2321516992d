#!/bin/sh
# A program of its own, built from the module proxy, or from the GOPATH in $1 where the packages' sources lie.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp twilio-go.go.txt "$folder/main.go"
cd "$folder"
if [ -n "$1" ]; then
  GO111MODULE=off GOPATH="$1" go run main.go
else
  go mod init run
  go get github.com/twilio/twilio-go@v1.30.9
  go run .
fi
