"""Drives the simulator with boto3, and compares its shapes with the service models that botocore carries.

usage: boto3_client.py SIMULATOR_ENDPOINT S3_ENDPOINT
"""

import datetime
import json
import sys
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError
from botocore.session import get_session

simulator, s3_endpoint = sys.argv[1:3]
keys = {"region_name": "us-east-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing-secret"}
bedrock = boto3.client("bedrock", endpoint_url=simulator, **keys)
runtime = boto3.client("bedrock-runtime", endpoint_url=simulator, **keys)
s3 = boto3.client("s3", endpoint_url=s3_endpoint, **keys)


def compare(ours, model, path):
    """Fails where a shape of the simulator is not the service model's."""
    assert ours["type"] == model.type_name, (path, ours["type"], model.type_name)
    for name in ("pattern", "min", "max"):
        assert ours.get(name) == model.metadata.get(name), (path, name, ours.get(name), model.metadata.get(name))
    assert sorted(ours.get("enum", [])) == sorted(model.metadata.get("enum", [])), (path, "enum")
    if model.type_name == "structure":
        assert sorted(ours.get("required", [])) == sorted(model.required_members), (path, "required")
        assert sorted(ours["members"]) == sorted(model.members), (path, sorted(model.members))
        for name, member in model.members.items():
            compare(ours["members"][name], member, f"{path}.{name}")
    if model.type_name == "list":
        compare(ours["member"], model.member, f"{path}[]")


with urllib.request.urlopen(f"{simulator}/_simulator/shapes") as answer:
    shapes = json.load(answer)
service = get_session().get_service_model("bedrock")
for name, shape in shapes.items():
    compare(shape, service.shape_for(name), name)
assert bedrock.meta.service_model.signing_name == "bedrock" == runtime.meta.service_model.signing_name


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error
    raise AssertionError(f"not refused with {code}")


s3.create_bucket(Bucket="boto3-batch")
lines = [
    json.dumps({"recordId": f"{i:011d}", "modelInput": {"inputText": f"text {i}", "dimensions": 256, "normalize": True}})
    for i in range(120)
]
s3.put_object(Bucket="boto3-batch", Key="in/shard.jsonl", Body="\n".join(lines).encode())
request = {
    "jobName": "boto3-job",
    "roleArn": "arn:aws:iam::123456789012:role/batch",
    "modelId": "amazon.titan-embed-text-v2:0",
    "inputDataConfig": {"s3InputDataConfig": {"s3Uri": "s3://boto3-batch/in/shard.jsonl", "s3InputFormat": "JSONL"}},
    "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://boto3-batch/out/"}},
    "timeoutDurationInHours": 24,
    "tags": [{"key": "a", "value": "b"}],
    "clientRequestToken": "token1",
}
refused("ValidationException", bedrock.create_model_invocation_job, **{**request, "jobName": "with_underscore"})
refused("ValidationException", bedrock.create_model_invocation_job, **{**request, "roleArn": "role"})
for model, why in (
    ("amazon.titan-embed-text-v9:0", "identifier is invalid"),
    ("amazon.titan-embed-text-v2", "identifier is invalid"),
    ("cohere.embed-english-v3", "not supported"),
):
    error = refused("ValidationException", bedrock.create_model_invocation_job, **{**request, "modelId": model})
    assert why in str(error), error
    refused("ValidationException", runtime.invoke_model, modelId=model, body=json.dumps({"inputText": "a"}))
assert bedrock.list_model_invocation_jobs()["invocationJobSummaries"] == [], "what is refused leaves no job"
arn = bedrock.create_model_invocation_job(**request)["jobArn"]
assert bedrock.create_model_invocation_job(**request)["jobArn"] == arn, "the token is remembered"
refused("ConflictException", bedrock.create_model_invocation_job, **{**request, "jobName": "another"})
refused("ResourceNotFoundException", bedrock.get_model_invocation_job, jobIdentifier="abcdefghijkl")
job = {"status": "Submitted"}
for _ in range(600):
    job = bedrock.get_model_invocation_job(jobIdentifier=arn)
    if job["status"] in ("Completed", "Failed"):
        break
    time.sleep(0.05)
assert job["status"] == "Completed", job
assert job["successRecordCount"] == job["totalRecordCount"] == 120 and job["errorRecordCount"] == 0
assert bedrock.get_model_invocation_job(jobIdentifier=arn[-12:])["jobArn"] == arn
assert [summary["jobArn"] for summary in bedrock.list_model_invocation_jobs(nameContains="boto3")["invocationJobSummaries"]] == [arn]
refused("ConflictException", bedrock.stop_model_invocation_job, jobIdentifier=arn)

foreign = json.loads(json.dumps(request).replace("JSONL", 'JSONL", "s3BucketOwner": "210987654321'))
foreign |= {
    "jobName": "foreign",
    "clientRequestToken": "token2",
    "modelId": "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0",
}
second = bedrock.create_model_invocation_job(**foreign)["jobArn"]
job = {"status": "Submitted"}
while job["status"] not in ("Completed", "Failed"):
    job = bedrock.get_model_invocation_job(jobIdentifier=second)
    time.sleep(0.05)
assert job["status"] == "Failed" and "not owned by 210987654321" in job["message"], job


def listed(**arguments):
    return [job["jobArn"] for job in bedrock.list_model_invocation_jobs(**arguments)["invocationJobSummaries"]]


assert listed() == listed(sortBy="CreationTime", sortOrder="Descending") == [second, arn]
assert listed(sortBy="CreationTime", sortOrder="Ascending") == [arn, second]
assert listed(statusEquals="Failed") == [second]
submitted = job["submitTime"]
assert listed(submitTimeBefore=submitted) == [arn] and listed(submitTimeAfter=submitted) == []
assert listed(submitTimeAfter=submitted - datetime.timedelta(milliseconds=1)) == [second]
page = bedrock.list_model_invocation_jobs(maxResults=1, sortOrder="Ascending")
assert listed(maxResults=1, sortOrder="Ascending", nextToken=page["nextToken"]) == [second]

output = s3.get_object(Bucket="boto3-batch", Key=f"out/{arn[-12:]}/shard.jsonl.out")["Body"].read().decode()
records = [json.loads(line) for line in output.strip().split("\n")]
assert [record["recordId"] for record in records] != [f"{i:011d}" for i in range(120)], "the order is the service's own"
assert {record["recordId"] for record in records} == {f"{i:011d}" for i in range(120)}
manifest = json.loads(s3.get_object(Bucket="boto3-batch", Key=f"out/{arn[-12:]}/manifest.json.out")["Body"].read())
assert sorted(manifest) == sorted(
    ["totalRecordCount", "processedRecordCount", "successRecordCount", "errorRecordCount", "inputTokenCount", "outputTokenCount"]
)

body = json.dumps({"inputText": "text 7", "dimensions": 256, "normalize": True})
answer = json.loads(runtime.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)["body"].read())
assert sorted(answer) == ["embedding", "embeddingsByType", "inputTextTokenCount"]
same = next(record for record in records if record["modelInput"]["inputText"] == "text 7")
assert same["modelOutput"]["embedding"] == answer["embedding"], "the vector is the text's"
for wrong in ({"inputText": ""}, {"inputText": "a", "dimensions": 3}, {"inputText": "a" * 50_001}, {"inputText": "a " * 24_000}):
    refused("ValidationException", runtime.invoke_model, modelId="amazon.titan-embed-text-v2:0", body=json.dumps(wrong))
print("boto3 and the simulator agree")
